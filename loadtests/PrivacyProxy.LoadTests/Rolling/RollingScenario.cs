using System.Diagnostics;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Rolling;

/// <summary>Two replicas behind haproxy are restarted one after the other under tunnels that stay and a steady load of short ones.</summary>
internal sealed class RollingScenario(LoadScreen screen, RollingSettings settings)
{
    private const int Replicas = 2;

    /// <summary>Longer than any run: the end of the restarts ends the load.</summary>
    private const int MostShortTunnels = 10_000_000;

    /// <summary>Timers of two processes may be apart by so much.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public static async Task<Report> ReportAsync(LoadScreen screen, RollingSettings settings, CancellationToken cancellationToken) =>
        (await new RollingScenario(screen, settings).RunAsync(cancellationToken)).ToReport(settings);

    /// <exception cref="IOException">haproxy or a replica does not start or stop as it should.</exception>
    /// <exception cref="TimeoutException">The tunnels were not opened.</exception>
    public async Task<RollingResult> RunAsync(CancellationToken cancellationToken)
    {
        var credentials = CredentialSupply.OfPresharedKey();
        credentials.TryFind(0, out var credential);
        using var origin = new LoadOrigin();
        var replicas = Enumerable.Range(0, Replicas).Select(_ => new Replica(settings, credentials)).ToList();
        try
        {
            foreach (var replica in replicas) await replica.StartAsync();
            await using var haproxy = await HaproxyProcess.StartAsync(replicas);
            await using var client = new Http1Client(new ProxyAddress("127.0.0.1", haproxy.Port, Tls: false));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var held = new HeldTunnels(client, origin.Authority, credential, TimeSpan.FromSeconds(settings.Every));
            var holding = held.HoldAsync(settings.Tunnels, end.Token);
            var load = new TunnelLoad(new TunnelDriver(client, origin.Authority, Ending.Fin), credentials, 0, MostShortTunnels) { MostFailures = int.MaxValue };
            try
            {
                await OpenAsync(held, cancellationToken);
                var opened = held.Open;
                var running = load.RunOpenAsync(settings.Rate, end.Token);
                var stops = await RestartAsync(replicas, haproxy, held, load, cancellationToken);
                await end.CancelAsync();
                await running;
                await holding;
                var early = held.Cuts.Count(cut => !stops.Any(stop => cut >= stop.DrainedAt && cut <= stop.EndedAt));
                return new RollingResult(
                    opened, load.Latencies.Count, held.Refused + load.Failed, held.Failure ?? load.Failure, early, held.Cuts.Count - early,
                    [.. stops.Select(static stop => Stopwatch.GetElapsedTime(stop.AskedAt, stop.EndedAt).TotalSeconds)]) { Latencies = load.Latencies };
            }
            finally
            {
                await end.CancelAsync();
                await holding;
            }
        }
        finally
        {
            foreach (var replica in replicas) await replica.DisposeAsync();
        }
    }

    private async Task OpenAsync(HeldTunnels held, CancellationToken cancellationToken)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); held.Open < settings.Tunnels; await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken))
        {
            screen.Bar("opening tunnels", held.Open, settings.Tunnels);
            if (Stopwatch.GetElapsedTime(startedAt) > _patience) throw new TimeoutException($"{held.Open} of {settings.Tunnels} tunnels within {_patience.TotalSeconds} s: {held.Failure}");
        }
    }

    /// <summary>One after the other, the next when haproxy counts on the last again; when each was asked to stop, had to be drained, and had ended.</summary>
    private async Task<List<(long AskedAt, long DrainedAt, long EndedAt)>> RestartAsync(List<Replica> replicas, HaproxyProcess haproxy, HeldTunnels held, TunnelLoad load, CancellationToken cancellationToken)
    {
        var drain = TimeSpan.FromSeconds(settings.Delay + settings.Drain) - _tolerance;
        var stops = new List<(long, long, long)>();
        foreach (var replica in replicas)
        {
            cancellationToken.ThrowIfCancellationRequested();
            screen.Progress($"restarting replica {stops.Count + 1}: {Numbers.Count(load.Latencies.Count)} short tunnels, {held.Open} held");
            var askedAt = Stopwatch.GetTimestamp();
            await replica.StopAsync();
            // What its end cut is noticed a moment later.
            stops.Add((askedAt, askedAt + (long)(drain.TotalSeconds * Stopwatch.Frequency), Stopwatch.GetTimestamp() + Stopwatch.Frequency));
            await replica.StartAsync();
            await haproxy.WaitAsync(replicas.Count);
        }

        return stops;
    }
}
