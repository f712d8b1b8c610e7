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
        var strangers = new StrangerLoad(settings.Proxy is null ? proxy.AddressOf(tls: false) : proxy.Address, settings, credentials);
        var rounds = new List<StrangersRound>();
        for (var round = 1; round <= settings.Rounds; round++)
        {
            screen.Progress($"round {round} of {settings.Rounds}, without strangers");
            rounds.Add(await MeasureAsync(driver, credentials, count, strangers: null, cancellationToken));
            screen.Progress($"round {round} of {settings.Rounds}, with strangers");
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var running = strangers.RunAsync(end.Token);
            try
            {
                // Until they are there; heads begin at once.
                for (var i = 0; i < 100 && settings.Kind == StrangerKind.Slowloris && strangers.Open < settings.Slow * 0.9; i++) await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
                rounds.Add(await MeasureAsync(driver, credentials, count, strangers, cancellationToken));
            }
            finally
            {
                await end.CancelAsync();
                await running;
            }
        }

        return new StrangersResult(rounds, strangers.Connected);
    }

    private async Task<StrangersRound> MeasureAsync(TunnelDriver driver, CredentialSupply credentials, int count, StrangerLoad? strangers, CancellationToken cancellationToken)
    {
        var heads = strangers?.Heads ?? 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Seconds) + _drainLimit);
        var load = new TunnelLoad(driver, credentials, _next, count) { MostFailures = int.MaxValue };
        _next += count;
        await load.RunOpenAsync(settings.Rate, limit.Token);
        cancellationToken.ThrowIfCancellationRequested();
        var seen = strangers is null ? 0 : settings.Kind == StrangerKind.Slowloris ? strangers.Open : (strangers.Heads - heads) / settings.Seconds;
        return new StrangersRound(strangers is not null, load.Latencies.Count, load.Failed, load.Failure, load.Answers.Summarize(), load.Latencies.Summarize(), seen);
    }
}
