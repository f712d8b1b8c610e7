namespace PrivacyProxy.Benchmarks;

/// <summary>
/// Processor time of what issuers and verifiers compute, as "openssl speed" counts it: unlike elapsed time it hardly depends on who else is
/// at work. Each in turn, round after round; the median counts.
/// </summary>
internal static class ProcessorCosts
{
    private const int Rounds = 9;
    private static readonly TimeSpan _round = TimeSpan.FromMilliseconds(200);

    public static void Run()
    {
        var issuance = new IssuanceBenchmarks();
        var verification = new PrivateVerificationBenchmarks();
        issuance.Setup();
        verification.Setup();
        (string Name, Action Work, int Operations)[] works =
        [
            ("RSA.SignHash", () => issuance.SignHash(), 1),
            ("type 2, one token", () => issuance.BlindRsa(), 1),
            ("type 1, 100 single", () => issuance.P384Single(), IssuanceBenchmarks.Batch),
            ("type 1, batch of 100", () => issuance.P384Batch(), IssuanceBenchmarks.Batch),
            ("type 5, 100 single", () => issuance.RistrettoSingle(), IssuanceBenchmarks.Batch),
            ("type 5, batch of 100", () => issuance.RistrettoBatch(), IssuanceBenchmarks.Batch),
            ("two multiplications on P-384", verification.Multiply, 1),
            ("verification of type 1", () => verification.Verify(), 1),
        ];
        var costs = works.Select(static _ => new List<double>()).ToArray();
        // Two rounds more, in which code is compiled.
        for (var round = -2; round < Rounds; round++)
            for (var i = 0; i < works.Length; i++)
            {
                var cost = Measure(works[i].Work) / works[i].Operations;
                if (round >= 0) costs[i].Add(cost);
            }

        for (var i = 0; i < works.Length; i++)
        {
            costs[i].Sort();
            Console.WriteLine($"{works[i].Name,-30} {costs[i][Rounds / 2],9:F1} us of processor time ({costs[i][0]:F1} to {costs[i][^1]:F1})");
        }

        issuance.Cleanup();
        verification.Cleanup();
    }

    private static double Measure(Action work)
    {
        var before = Environment.CpuUsage.TotalTime;
        var count = 0;
        for (; count == 0 || Environment.CpuUsage.TotalTime - before < _round; count++) work();
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / count;
    }
}
