using System.Diagnostics;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>Good tunnels at a rate, alone and beside strangers in turn: what strangers cost the others.</summary>
internal sealed class StrangersScenario(LoadScreen screen, StrangersSettings settings)
{
    private static readonly TimeSpan _drainLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _arrivalLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    private int _next;

    public static async Task<Report> ReportAsync(LoadScreen screen, StrangersSettings settings, CancellationToken cancellationToken)
    {
        var result = await new StrangersScenario(screen, settings).RunAsync(cancellationToken);
        screen.Text($"{settings.Way}, {Numbers.Count(settings.Rate)} good tunnels a second; strangers: {settings.Kind.ToString().ToLowerInvariant()}, in cleartext");
        return result.ToReport(settings);
    }

    /// <exception cref="IOException">The proxy does not start.</exception>
    public async Task<StrangersResult> RunAsync(CancellationToken cancellationToken)
    {
        var count = (int)(settings.Rate * settings.Seconds);
        var credentials = await CredentialSupply.MakeAsync(screen, settings, settings.WarmUp + 2 * settings.Rounds * count, cancellationToken);
        using var origin = new LoadOrigin(settings.OriginEndPoint);
        await using var proxy = await LoadedProxy.StartAsync(settings, credentials);
        await using var client = settings.CreateClient(proxy.Address);
        var driver = new TunnelDriver(client, origin.Authority, Ending.Fin);
        screen.Progress("warming up");
        await new TunnelLoad(driver, credentials, 0, settings.WarmUp).RunClosedAsync(16, cancellationToken);
        _next = settings.WarmUp;
        var target = settings.Proxy is null ? proxy.AddressOf(tls: false) : proxy.Address;
        var (rounds, connected) = (new List<StrangersRound>(), 0L);
        for (var round = 1; round <= settings.Rounds; round++)
        {
            screen.Progress($"round {round} of {settings.Rounds}, without strangers");
            rounds.Add(await MeasureAsync(driver, credentials, count, strangers: null, cancellationToken));
            screen.Progress($"round {round} of {settings.Rounds}, with strangers");
            await using var strangers = StrangerProcess.Start(target, settings, settings.Kind == StrangerKind.Forged ? credentials.Model : null);
            await WaitAsync(strangers, cancellationToken);
            rounds.Add(await MeasureAsync(driver, credentials, count, strangers, cancellationToken));
            connected += strangers.Counts.Connected;
        }

        return new StrangersResult(rounds, connected);
    }

    /// <summary>Until they are there.</summary>
    private async Task WaitAsync(StrangerProcess strangers, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; waited < _arrivalLimit; waited += _look)
        {
            var (open, connected, _) = strangers.Counts;
            if (settings.Kind == StrangerKind.Slowloris ? open >= settings.Slow * 0.9 : connected > 0) return;
            await Task.Delay(_look, cancellationToken);
        }
    }

    private async Task<StrangersRound> MeasureAsync(TunnelDriver driver, CredentialSupply credentials, int count, StrangerProcess? strangers, CancellationToken cancellationToken)
    {
        var (heads, began) = (strangers?.Counts.Heads ?? 0, Stopwatch.GetTimestamp());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Seconds) + _drainLimit);
        var load = new TunnelLoad(driver, credentials, _next, count) { MostFailures = int.MaxValue };
        _next += count;
        await load.RunOpenAsync(settings.Rate, limit.Token);
        cancellationToken.ThrowIfCancellationRequested();
        var counts = strangers?.Counts ?? default;
        var seen = strangers is null ? 0 : settings.Kind == StrangerKind.Slowloris ? counts.Open : (counts.Heads - heads) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new StrangersRound(strangers is not null, load.Latencies.Count, load.Failed, load.Failure, load.Answers.Summarize(), load.Latencies.Summarize(), seen);
    }
}
