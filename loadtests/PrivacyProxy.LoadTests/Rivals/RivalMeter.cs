using System.Diagnostics;
using System.Net.Sockets;
using PrivacyProxy.LoadTests.Bulk;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Idle;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>Lets one proxy do one kind of work at a time. What goes wrong is in the run, so that the others go on.</summary>
internal sealed class RivalMeter(IMeasuredProxy proxy, string target, RivalsSettings settings)
{
    private const double TunnelsOfACost = 10_000;
    private const int IdleWarmUp = 200;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private int _next;

    public string Name => proxy.Name;

    public bool Does(RivalWork work) => proxy.Does(work);

    /// <summary>A run of tunnels or bytes.</summary>
    public async Task<RivalRun> RunAsync(RivalWork work, int round, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_limit);
        try
        {
            await using var client = work.CreateClient(proxy.AddressOf(work.Tls));
            var first = _next;
            _next += work.Tunnels(settings.Scale);
            return work.Kind == RivalKind.Tunnels ? await OpenAsync(work, client, first, round, deadline.Token) : await MoveAsync(work, client, first, round, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Broken(work, round, $"It was not done within {_limit.TotalSeconds} s.");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Broken(work, round, e.Message);
        }
    }

    /// <summary>Memory of idle tunnels, of a proxy that has done little else.</summary>
    public async Task<RivalRun> HoldAsync(RivalWork work, CancellationToken cancellationToken)
    {
        try
        {
            await using var client = work.CreateClientOf(proxy.AddressOf(work.Tls), settings.Idle + IdleWarmUp);
            var load = new IdleLoad(client, target, proxy.Credentials, work.Callers);
            foreach (var tunnel in await load.OpenAsync(IdleWarmUp, cancellationToken)) await tunnel.DisposeAsync();
            await Task.Delay(TimeSpan.FromSeconds(settings.Settle), cancellationToken);
            var before = proxy.Processes.ResidentBytes;
            var open = await load.OpenAsync(settings.Idle, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(settings.Settle), cancellationToken);
            var after = proxy.Processes.ResidentBytes;
            foreach (var tunnel in open) await tunnel.DisposeAsync();
            return new RivalRun(work.Name, Name, 1, (after - before) / 1024.0 / Math.Max(1, open.Count), 0, 0, 0, load.Failed, load.Failure);
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Broken(work, 1, e.Message);
        }
    }

    private async Task<RivalRun> OpenAsync(RivalWork work, ITunnelClient client, int first, int round, CancellationToken cancellationToken)
    {
        var load = new TunnelLoad(new TunnelDriver(client, target, work.Ending), proxy.Credentials, first, work.Tunnels(settings.Scale));
        GC.Collect();
        var (processor, compiler, startedAt) = (proxy.Processes.ProcessorTime, proxy.Processes.CompilerTime, Stopwatch.GetTimestamp());
        await load.RunClosedAsync(work.Callers, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        var compiling = proxy.Processes.CompilerTime - compiler;
        var used = proxy.Processes.ProcessorTime - processor - (compiling > TimeSpan.Zero ? compiling : TimeSpan.Zero);
        var opened = Math.Max(1, load.Latencies.Count);
        return new RivalRun(work.Name, Name, round, used.TotalSeconds * TunnelsOfACost / opened, opened / elapsed.TotalSeconds,
            load.Latencies.Percentile(0.5).TotalMilliseconds, load.Latencies.Percentile(0.99).TotalMilliseconds, load.Failed, load.Failure);
    }

    private async Task<RivalRun> MoveAsync(RivalWork work, ITunnelClient client, int first, int round, CancellationToken cancellationToken)
    {
        var moved = await new BulkLoad(client, target, proxy.Credentials, proxy.Processes, first).RunAsync(work.Kind == RivalKind.Down, work.Tunnels(settings.Scale), work.Bytes(settings.Scale), cancellationToken);
        return new RivalRun(work.Name, Name, round, moved.ProcessorSecondsPerGigabyte ?? 0, moved.GigabytesPerSecond, 0, 0, moved.Failed, moved.Failure);
    }

    private RivalRun Broken(RivalWork work, int round, string reason) => new(work.Name, Name, round, 0, 0, 0, 0, 1, reason);
}
