namespace PrivacyProxy.Admission;

/// <summary>
/// Gives memory back after a peak. .NET collects when something is allocated, so what an attack has left behind would stay while nothing happens.
/// </summary>
internal sealed class IdleCollection(TimeProvider time) : IHostedService, IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    /// <summary>Less in an interval is quiet, bytes.</summary>
    private const long Quiet = 64L * 1024 * 1024;

    /// <summary>Less is not worth a collection, bytes.</summary>
    private const long Worth = 192L * 1024 * 1024;

    private long _allocated;
    private long _collectedAt;
    private ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(static state => ((IdleCollection)state!).Look(), this, _interval, _interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var isQuiet = allocated - _allocated < Quiet;
        _allocated = allocated;
        // Once for each peak: what is alive then stays, however often one looks.
        if (!isQuiet || allocated - _collectedAt < Worth || GC.GetGCMemoryInfo().TotalCommittedBytes < Worth) return;
        _collectedAt = allocated;
        // A collection in the background frees memory and keeps it; this one gives it back. Its pause follows what is alive, not what was.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
