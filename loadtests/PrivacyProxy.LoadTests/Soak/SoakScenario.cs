using System.Diagnostics;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Soak;

/// <summary>A steady load for a long time, well below what the proxy can do: what grows shows.</summary>
internal sealed class SoakScenario(LoadScreen screen, SoakSettings settings)
{
    private static readonly TimeSpan _probeLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _drainLimit = TimeSpan.FromMinutes(1);

    public static async Task<Report> ReportAsync(LoadScreen screen, SoakSettings settings, CancellationToken cancellationToken)
    {
        var result = await new SoakScenario(screen, settings).RunAsync(cancellationToken);
        screen.Text($"{settings.Way}, an open loop");
        return result.ToReport(settings);
    }

    /// <exception cref="IOException">The proxy refuses, or has ended.</exception>
    public async Task<SoakResult> RunAsync(CancellationToken cancellationToken)
    {
        var credentials = await CredentialSupply.MakeAsync(screen, settings, settings.MostTunnels, cancellationToken);
        using var origin = new LoadOrigin(settings.OriginEndPoint);
        await using var proxy = await LoadedProxy.StartAsync(settings, credentials);
        await using var client = settings.CreateClient(proxy.Address);
        var driver = new TunnelDriver(client, origin.Authority, settings.Ending);
        var rate = settings.RateAfter(await ProbeAsync(driver, credentials, cancellationToken));
        var count = (int)Math.Min(rate * settings.Seconds, settings.Pay == Payment.Tokens ? settings.MostTunnels - settings.Probe : int.MaxValue);
        if (count < 1) throw new FormatException("There are no tokens left for the soak: more --tokens are needed.");
        var load = new TunnelLoad(driver, credentials, settings.Probe, count) { MostFailures = int.MaxValue };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(TimeSpan.FromSeconds(settings.Seconds) + _drainLimit);
        var running = load.RunOpenAsync(rate, end.Token);
        var (samples, all) = (new List<SoakSample>(), new LatencyHistogram());
        try
        {
            await SampleAsync(running, load, proxy.Processes, samples, all, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested && samples.Count > 0)
        {
            // Ctrl+C ends the proxy too.
        }
        finally
        {
            await end.CancelAsync();
            await running;
        }

        return new SoakResult(rate, samples, load.Failure) { Latencies = all, WasStopped = cancellationToken.IsCancellationRequested };
    }

    /// <summary>Tunnels a second in a closed loop.</summary>
    private async Task<double> ProbeAsync(TunnelDriver driver, CredentialSupply credentials, CancellationToken cancellationToken)
    {
        screen.Progress($"warming up with {Numbers.Count(settings.Probe)} tunnels");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_probeLimit);
        // What code that is not compiled for good takes is no measure.
        var first = settings.Probe / 2;
        var warmUp = new TunnelLoad(driver, credentials, 0, first);
        await warmUp.RunClosedAsync(settings.Callers, limit.Token);
        var load = new TunnelLoad(driver, credentials, first, settings.Probe - first);
        var startedAt = Stopwatch.GetTimestamp();
        await load.RunClosedAsync(settings.Callers, limit.Token);
        cancellationToken.ThrowIfCancellationRequested();
        if ((warmUp.Failure ?? load.Failure) is { } failure) throw new IOException(failure);
        return load.Latencies.Count / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }

    private async Task SampleAsync(Task running, TunnelLoad load, ProcessTree? processes, List<SoakSample> samples, LatencyHistogram all, CancellationToken cancellationToken)
    {
        var (startedAt, failed) = (Stopwatch.GetTimestamp(), 0);
        for (var isOver = false; !isOver;)
        {
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(settings.Every), cancellationToken));
            // Looked at before what there is is taken: the last ones may come in between.
            isOver = running.IsCompleted;
            cancellationToken.ThrowIfCancellationRequested();
            var (latencies, failures, at) = (load.TakeLatencies(), load.Failed, Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
            samples.Add(new SoakSample(at, latencies.Count, failures - failed, latencies.Percentile(0.99).TotalMilliseconds, processes?.ResidentBytes));
            all.Add(latencies);
            failed = failures;
            screen.Progress($"{Numbers.Count(at)} of {Numbers.Count(settings.Seconds)} s, {Numbers.Count(all.Count)} tunnels, {Numbers.Count(failed)} failed{(samples[^1].ResidentBytes is { } bytes ? $", {Numbers.Count(bytes / 1e6)} MB" : "")}");
        }
    }
}
