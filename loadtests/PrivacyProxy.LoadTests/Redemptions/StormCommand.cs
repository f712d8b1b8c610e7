using System.CommandLine;
using PrivacyPass;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary><c>replay</c> and <c>forged</c>: what bad tokens cost in each order of look-up, signature check and spend.</summary>
internal static class StormCommand
{
    public static Command Create(StormKind kind, Option<FileInfo?> json)
    {
        var (name, what) = kind == StormKind.Replay ? ("replay", "replayed tokens") : ("forged", "tokens with a forged signature");
        return Scenario.Create<StormSettings>(name, $"Storms of {what} through the redeemer, in each order, for both token types.", json, async (screen, settings, file, _) =>
        {
            var results = await new StormScenario(screen, kind, settings).RunAsync();
            Print(screen, settings, what, results);
            await ResultFile.WriteAsync(file, name, settings, results);
            var wrong = results.Sum(static result => result.Wrong);
            if (wrong == 0) return 0;
            screen.Text($"{Numbers.Count(wrong)} requests had another result than they should have.");
            return 1;
        });
    }

    private static void Print(LoadScreen screen, StormSettings settings, string what, IReadOnlyList<StormResult> results)
    {
        foreach (var group in results.GroupBy(static result => (result.Type, result.BadShare)))
        {
            screen.Title($"Type {(int)group.Key.Type} ({(group.Key.Type == TokenType.VoprfP384 ? "VOPRF" : "blind RSA")}), {group.Key.BadShare * 100:F0}% {what}, {settings.Store}, {settings.Callers} at a time");
            screen.Table(["", "req/s", "good p50", "p99", "bad p50", "p99", "CPU us", "store us"], group.Select(static result => new[]
            {
                result.Order.ToString(), Numbers.Count(result.PerSecond), Time(result.Good, result.Good.P50), Time(result.Good, result.Good.P99),
                Time(result.Bad, result.Bad.P50), Time(result.Bad, result.Bad.P99), Numbers.Fixed(result.ProcessorMicroseconds, 1), Numbers.Fixed(result.ServerMicroseconds, 1),
            }));
        }
    }

    private static string Time(LatencySummary latencies, double microseconds) => latencies.Count == 0 ? "-" : Numbers.Time(microseconds);
}
