namespace PrivacyProxy.LoadTests.Driving;

/// <summary>
/// Arrivals at a rate, whatever becomes of those before (an open loop): each is told when it was due, so that one that is begun late,
/// behind a stalled proxy, has waited since then.
/// </summary>
/// <param name="perSecond">How many are due each second, evenly.</param>
/// <param name="count">How many in all.</param>
/// <param name="mostInFlight">Those that are due above it begin as others end; their time runs all the same.</param>
/// <param name="time">The clock.</param>
internal sealed class Arrivals(double perSecond, int count, int mostInFlight, TimeProvider time)
{
    /// <summary>Timers are no finer; what is due meanwhile begins together.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(1);

    private int _begun;

    /// <summary>How many have begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>Begins all and waits until all have ended.</summary>
    /// <param name="run">Told its number, from 0 on, and when it was due, in ticks of the clock. It does not throw.</param>
    /// <param name="cancellationToken">Begins no more.</param>
    public async Task RunAsync(Func<int, long, Task> run, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(mostInFlight);
        var startedAt = time.GetTimestamp();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var dueAt = startedAt + (long)Math.Round(i / perSecond * time.TimestampFrequency);
                while (time.GetTimestamp() < dueAt)
                {
                    var left = time.GetElapsedTime(time.GetTimestamp(), dueAt);
                    await Task.Delay(left > _tick ? left : _tick, time, cancellationToken);
                }

                await places.WaitAsync(cancellationToken);
                Volatile.Write(ref _begun, i + 1);
                _ = RunOneAsync(run, i, dueAt, places);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Those under way are still waited for.
        }

        for (var i = 0; i < mostInFlight; i++) await places.WaitAsync(CancellationToken.None);
    }

    private static async Task RunOneAsync(Func<int, long, Task> run, int number, long dueAt, SemaphoreSlim places)
    {
        // Not on this thread: what comes before its first wait would hold up the next one.
        await Task.Run(() => run(number, dueAt), CancellationToken.None);
        places.Release();
    }
}
