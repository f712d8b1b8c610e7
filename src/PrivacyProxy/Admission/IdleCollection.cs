namespace PrivacyProxy.Admission;

/// <summary>
/// Gives memory back after a peak. .NET collects when something is allocated, so what an attack has left behind would stay while nothing happens.
/// </summary>
internal sealed class IdleCollection : IHostedService, IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Less allocated in an interval is quiet, bytes.</summary>
    public const long Quiet = 64L * 1024 * 1024;

    /// <summary>Less to give back is not worth a collection, bytes.</summary>
    public const long Worth = 192L * 1024 * 1024;

    private readonly TimeProvider _time;
    private readonly Func<MemoryInUse> _read;
    private readonly Action _collect;
    private long _allocated;
    private long _kept;
    private ITimer? _timer;

    public IdleCollection(TimeProvider time)
        : this(time, static () => new MemoryInUse(GC.GetTotalAllocatedBytes(), GC.GetGCMemoryInfo().TotalCommittedBytes), Collect)
    {
    }

    /// <param name="time">When it looks.</param>
    /// <param name="read">What it sees.</param>
    /// <param name="collect">What it does.</param>
    internal IdleCollection(TimeProvider time, Func<MemoryInUse> read, Action collect) => (_time, _read, _collect) = (time, read, collect);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = _time.CreateTimer(static state => ((IdleCollection)state!).Look(), this, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();

    /// <summary>A collection in the background frees memory and keeps it; this one gives it back. Its pause follows what is alive, not what was.</summary>
    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private void Look()
    {
        var (allocated, committed) = _read();
        var isQuiet = allocated - _allocated < Quiet;
        _allocated = allocated;
        // What a collection has left is alive: tunnels that are open pay for no second one.
        if (!isQuiet || committed - _kept < Worth) return;
        _collect();
        (_allocated, _kept) = _read();
    }

    /// <param name="Allocated">Since the start of the process, bytes.</param>
    /// <param name="Committed">Held of the system after the last collection, bytes.</param>
    internal readonly record struct MemoryInUse(long Allocated, long Committed);
}
