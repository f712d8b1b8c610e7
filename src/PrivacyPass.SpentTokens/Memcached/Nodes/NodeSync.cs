namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>Brings a server up to date in the background: writes what it lacks, waits the grace out, gives it its vote.</summary>
internal sealed class NodeSync(NodeRotation rotation, NodeReplay replay, TimeProvider time, NodeLog log) : IDisposable
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private bool _isDisposed;

    /// <summary>Goes on until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (rotation.Standing.State == NodeState.Syncing && !rotation.TryVote())
            {
                await BringUpToDateAsync(stop);
                continue;
            }
            if (rotation.Standing.Votes) log.Votes();
            await _wake.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Something has changed: the server is back, or lacks something.</summary>
    public void Wake()
    {
        // Woken already is enough.
        lock (_wake)
            if (!_isDisposed && _wake.CurrentCount == 0) _wake.Release();
    }

    /// <summary>Once <see cref="RunAsync"/> has ended; checks that end later may still wake it.</summary>
    public void Dispose()
    {
        lock (_wake) _isDisposed = true;
        _wake.Dispose();
    }

    private async Task BringUpToDateAsync(CancellationToken stop)
    {
        if (rotation.TakeOwed() is not { } from)
        {
            // Wakes early when something is owed meanwhile.
            await ((Task)_wake.WaitAsync(rotation.UntilVote + TimeSpan.FromMilliseconds(1), stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        var began = time.GetTimestamp();
        var rest = await replay.WriteAsync(from, stop);
        // Other proxies have about as much to write, and may begin later.
        if (from == 0) rotation.Extend(2 * time.GetElapsedTime(began));
        if (rest is not { } missing) return;
        rotation.Owe(missing);
        await Task.Delay(_retry, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
