using System.Diagnostics;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>Short tunnels through real proxies, several side by side: round by round in random order, for machines drift and neighbours in a round do not.</summary>
internal sealed class TunnelsScenario(LoadScreen screen, TunnelsSettings settings)
{
    /// <exception cref="TimeoutException">A round took too long.</exception>
    public async Task<TunnelsResult> RunAsync(CancellationToken cancellationToken)
    {
        var credentials = await CredentialSupply.MakeAsync(screen, settings, settings.TunnelsOfAProxy, cancellationToken);
        using var origin = new LoadOrigin(settings.OriginEndPoint);
        await using var collector = await SwallowingCollector.StartAsync();
        var peers = new List<TunnelPeer>();
        try
        {
            foreach (var (name, environment) in Proxies(collector.Url))
            {
                screen.Progress($"starting the proxy ({name})");
                peers.Add(await TunnelPeer.StartAsync(name, settings, credentials, origin.Authority, environment));
            }

            foreach (var peer in peers)
            {
                if (settings.Held > 0) screen.Progress($"opening {settings.Held} tunnels that stay ({peer.Name})");
                await peer.HoldAsync(cancellationToken);
            }

            await WarmUpAsync(peers, cancellationToken);
            var (startedAt, before) = (Stopwatch.GetTimestamp(), peers.ConvertAll(static peer => peer.ProcessorTime));
            var wasStopped = !await MeasureAsync(peers, cancellationToken);
            var (elapsed, after) = (Stopwatch.GetElapsedTime(startedAt), wasStopped ? before : peers.ConvertAll(static peer => peer.ProcessorTime));
            var results = new List<TunnelPeerResult>();
            for (var i = 0; i < peers.Count; i++)
                results.Add(TunnelPeerResult.Of(peers[i], elapsed, after[i] - before[i], hasMetrics: !wasStopped && await peers[i].ReadMetricsAsync(cancellationToken) is not null));
            return new TunnelsResult(results, collector.MetricExports, collector.TraceExports) { WasStopped = wasStopped };
        }
        finally
        {
            foreach (var peer in peers) await peer.DisposeAsync();
        }
    }

    private IEnumerable<(string Name, IEnumerable<KeyValuePair<string, string>> Environment)> Proxies(string collector)
    {
        if (settings.Compare is not { } part) return [("default", [])];
        return [("all off", TelemetrySettings.Of(TelemetryPart.Nothing, collector)), (TunnelsResult.NameOf(part), TelemetrySettings.Of(part, collector))];
    }

    private async Task WarmUpAsync(List<TunnelPeer> peers, CancellationToken cancellationToken)
    {
        for (var pass = 0; pass < settings.WarmUpPasses; pass++)
        {
            foreach (var peer in peers)
            {
                screen.Progress($"warming up the proxy ({peer.Name})");
                await peer.WarmUpAsync(settings.WarmUp / settings.WarmUpPasses, settings.RoundLimit, cancellationToken);
            }

            if (settings.HasToSettle) await Task.WhenAll(peers.Select(peer => peer.SettleAsync(cancellationToken)));
        }
    }

    /// <summary>False when it was stopped with something measured.</summary>
    private async Task<bool> MeasureAsync(List<TunnelPeer> peers, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= settings.Rounds; round++)
        {
            foreach (var peer in peers.OrderBy(static _ => Random.Shared.Next()))
            {
                try
                {
                    var measured = await peer.MeasureAsync(settings.Tunnels, settings.RoundLimit, cancellationToken);
                    screen.Progress($"round {round} of {settings.Rounds}, {peer.Name}: {Numbers.Count(measured.PerSecond)} tunnels/s{(peer.HasProcessorTime ? $", {Numbers.Count(measured.PerProcessorSecond)} per CPU second" : "")}");
                }
                catch (Exception) when (cancellationToken.IsCancellationRequested && peers.TrueForAll(static peer => peer.Rounds.Count > 0))
                {
                    // Ctrl+C ends the proxies too.
                    return false;
                }
            }
        }

        return true;
    }
}
