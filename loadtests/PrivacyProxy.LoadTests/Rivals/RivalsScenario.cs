using System.Diagnostics;
using MsQuic;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;
using PrivacyProxy.Testing.Certificates;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>Our proxy, with tokens that are verified and spent, beside others that check nothing: in each round every one does every work, in another order.</summary>
internal sealed class RivalsScenario(LoadScreen screen, RivalsSettings settings)
{
    private static readonly string[] _ours = ["kestrel", "native"];

    private readonly List<RivalRun> _runs = [];

    /// <exception cref="IOException">One of ours does not start, or there is no folder with configurations.</exception>
    /// <exception cref="MemcachedMissingException">There is no memcached.</exception>
    public async Task<RivalsResult> RunAsync(CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var folder = Prepare();
        using var origin = new LoadOrigin();
        var wanted = RivalProcess.Names.Where(name => settings.Only.Count == 0 || settings.Only.Contains(name)).ToList();
        var skipped = wanted.Where(static name => !_ours.Contains(name)).Select(name => (Name: name, Why: RivalProcess.Missing(name, settings))).Where(static one => one.Why is not null).ToDictionary(static one => one.Name, static one => one.Why!);
        foreach (var (name, why) in skipped) screen.Text($"skipped: {name}, {why}");
        var names = wanted.Where(name => !skipped.ContainsKey(name)).ToList();
        if (!QuicLibrary.IsSupported) screen.Text($"skipped: HTTP/3, {QuicLibrary.Problem}");
        var work = RivalWork.All.Where(static one => one.Http != 3 || QuicLibrary.IsSupported).Where(one => settings.Work.Count == 0 || settings.Work.Any(start => one.Name.StartsWith(start, StringComparison.Ordinal))).ToList();
        var credentials = names.Exists(_ours.Contains) ? await CredentialSupply.MintAsync(screen, Tunnels(work), cancellationToken) : CredentialSupply.OfNothing();
        var proxies = new List<IMeasuredProxy>();
        try
        {
            foreach (var name in names) proxies.Add(await StartAsync(name, credentials, folder.Path));
            var storeTime = StoreTime(proxies);
            var rounds = await MeasureAsync(proxies, [.. work.Where(static one => one.Kind != RivalKind.Idle)], origin.Authority, startedAt, cancellationToken);
            storeTime = cancellationToken.IsCancellationRequested ? TimeSpan.Zero : StoreTime(proxies) - storeTime;
            foreach (var proxy in proxies) await proxy.DisposeAsync();
            proxies.Clear();
            if (settings.Idle > 0 && !cancellationToken.IsCancellationRequested) await HoldAsync(names, [.. work.Where(static one => one.Kind == RivalKind.Idle)], credentials, folder.Path, origin.Authority, cancellationToken);
            return new RivalsResult(work, names, skipped, _runs, rounds) { WasStopped = cancellationToken.IsCancellationRequested, StoreSeconds = storeTime.TotalSeconds };
        }
        finally
        {
            foreach (var proxy in proxies) await proxy.DisposeAsync();
        }
    }

    /// <summary>A folder of this run with the configurations, and one certificate for all.</summary>
    private TemporaryDirectory Prepare()
    {
        if (settings.FolderPath is not { } source || !Directory.Exists(source)) throw new IOException("The folder loadtests/rivals is not there: --folder.");
        var folder = new TemporaryDirectory();
        foreach (var file in Directory.EnumerateFiles(source)) File.Copy(file, folder.File(Path.GetFileName(file)));
        using var certificate = TestCertificate.Create();
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        var (cert, pem) = (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
        File.WriteAllText(folder.File("cert.pem"), cert);
        File.WriteAllText(folder.File("key.pem"), pem);
        File.WriteAllText(folder.File("both.pem"), cert + pem);
        return folder;
    }

    private async Task<IMeasuredProxy> StartAsync(string name, CredentialSupply credentials, string folder)
    {
        screen.Progress($"starting {name}");
        return _ours.Contains(name) ? await OwnProxy.StartAsync(name, credentials, folder) : await RivalProcess.StartAsync(name, settings, folder);
    }

    /// <summary>Of one proxy in all: warm-up, rounds, and idle ones of a fresh one from the first token on.</summary>
    private int Tunnels(List<RivalWork> work) => (settings.Rounds + 1) * work.Where(static one => one.Kind != RivalKind.Idle).Sum(one => one.Tunnels(settings.Scale)) + settings.Idle + 1_000;

    /// <summary>How many rounds were done.</summary>
    private async Task<int> MeasureAsync(List<IMeasuredProxy> proxies, List<RivalWork> work, string target, long startedAt, CancellationToken cancellationToken)
    {
        var meters = proxies.ConvertAll(proxy => new RivalMeter(proxy, target, settings));
        var longest = TimeSpan.Zero;
        for (var round = 0; round <= settings.Rounds; round++)
        {
            var roundAt = Stopwatch.GetTimestamp();
            // The first one compiles code and fills pools, and is not kept.
            if (round > 1 && Stopwatch.GetElapsedTime(startedAt) + longest > TimeSpan.FromMinutes(settings.Minutes)) return round - 1;
            try
            {
                foreach (var one in work)
                {
                    foreach (var meter in meters.Where(meter => meter.Does(one)).OrderBy(static _ => Random.Shared.Next()))
                    {
                        screen.Progress($"{(round == 0 ? "warming up" : $"round {round} of {settings.Rounds}")}: {one.Title}, {meter.Name}");
                        var run = await meter.RunAsync(one, round, cancellationToken);
                        if (round > 0) _runs.Add(run);
                    }
                }
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested && _runs.Count > 0)
            {
                // Ctrl+C ends the proxies too.
                return round;
            }

            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(roundAt).Ticks));
        }

        return settings.Rounds;
    }

    private async Task HoldAsync(List<string> names, List<RivalWork> work, CredentialSupply credentials, string folder, string target, CancellationToken cancellationToken)
    {
        foreach (var one in work)
        {
            foreach (var name in names)
            {
                try
                {
                    if (_ours.Contains(name) ? !OwnProxy.Does(name, one) : !RivalProcess.Does(name, one)) continue;
                    await using var proxy = await StartAsync(name, credentials, folder);
                    screen.Progress($"{one.Title}, {name}");
                    _runs.Add(await new RivalMeter(proxy, target, settings).HoldAsync(one, cancellationToken));
                }
                catch (Exception) when (cancellationToken.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    private static TimeSpan StoreTime(List<IMeasuredProxy> proxies) => TimeSpan.FromTicks(proxies.OfType<OwnProxy>().Sum(static proxy => proxy.StoreTime.Ticks));
}
