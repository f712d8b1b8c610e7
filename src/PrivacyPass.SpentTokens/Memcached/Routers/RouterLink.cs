using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>
/// A connection to a router, and over it the confirmation of answers that came over it. Over the same one: a router may
/// have a thread for each, and threads may reach its servers differently.
/// </summary>
internal sealed class RouterLink(MemcachedLink link, RouterMarkers markers, TimeProvider time)
{
    /// <summary>Between looks at the markers of servers that are away; what waits meanwhile shares the next.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Between looks at all markers.</summary>
    private static readonly TimeSpan _wholePause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private Task<bool> _last = Task.FromResult(true);
    private Task<bool>? _next;
    private long _lookedAt;

    public MemcachedLink Link => link;

    /// <summary>Looks, from now on, at the markers that are in doubt.</summary>
    /// <returns>False when there was no answer. A loss of memory that shows is told to the markers.</returns>
    public Task<bool> ConfirmAsync()
    {
        lock (_gate) return _next ??= _last = LookAfterAsync(_last);
    }

    /// <summary>Looks at all markers.</summary>
    /// <returns>False when there was no answer.</returns>
    public async Task<bool> LookAsync()
    {
        var failures = markers.BeginLook();
        if (!await LookAsync(Enumerable.Range(0, markers.Count))) return false;
        markers.EndLook(failures);
        return true;
    }

    private async Task<bool> LookAfterAsync(Task before)
    {
        await Task.Yield();
        await before;
        var isWhole = markers.IsUnexplained;
        var wait = (isWhole ? _wholePause : _pause) - time.GetElapsedTime(_lookedAt);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time);
        // Who comes from here on needs a look that has not begun.
        lock (_gate) _next = null;
        _lookedAt = time.GetTimestamp();
        return isWhole ? await LookAsync() : await LookAsync(markers.Away());
    }

    private async Task<bool> LookAsync(IEnumerable<int> numbers)
    {
        var looks = await Task.WhenAll(numbers.Select(LookAsync));
        return looks.All(static kind => kind != MarkerLookKind.None);
    }

    private async Task<MarkerLookKind> LookAsync(int number)
    {
        var look = await MarkerReader.LookAsync(link, markers.Key(number), time);
        markers.Take(number, look);
        return look.Kind;
    }
}
