using Tunneling.Admission;

namespace PrivacyProxy.Admission;

/// <summary>Says how many connections there is room for, and while connections are closed for others, once in ten seconds how many.</summary>
internal sealed partial class AdmissionLog(ConnectionRegistry registry, TimeProvider time, ILogger<AdmissionLog> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);
    private static readonly ShedReason[] _reasons = [ShedReason.Place, ShedReason.Descriptors, ShedReason.Memory, ShedReason.Unread, ShedReason.Flood];

    private readonly long[] _told = new long[_reasons.Length];
    private ITimer? _timer;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Once it listens: a start that fails says why, and nothing else.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var limits = registry.Limits;
        var (strangers, megabytes) = (Math.Min(limits.MaxStrangers, limits.Places), limits.StrangerMemory / (1024 * 1024));
        LogLimits(limits.Places, limits.TunnelPlaces, strangers, megabytes);
        _timer = time.CreateTimer(static state => ((AdmissionLog)state!).Tell(), this, _interval, _interval);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();

    private void Tell()
    {
        Span<long> closed = stackalloc long[_reasons.Length];
        long sum = 0;
        for (var i = 0; i < _reasons.Length; i++)
        {
            var now = registry.Shed(_reasons[i]);
            closed[i] = now - _told[i];
            _told[i] = now;
            sum += closed[i];
        }

        if (sum > 0) LogShed(sum, closed[0], closed[1], closed[2], closed[3], closed[4]);
    }

    [LoggerMessage(EventId = 2201, Level = LogLevel.Information, Message = "Room for {Places} connections and destinations: {Tunnels} tunnels; {Strangers} connections without an accepted credential, which may hold {Megabytes} MiB together.")]
    private partial void LogLimits(int places, int tunnels, int strangers, long megabytes);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Warning, Message = "Closed {Count} connections in the last 10 s: {Place} for their place, {Descriptors} for their descriptor, {Memory} for the memory they held, {Unread} that did not read, {Flood} that sent too much. They carried no tunnel.")]
    private partial void LogShed(long count, long place, long descriptors, long memory, long unread, long flood);
}
