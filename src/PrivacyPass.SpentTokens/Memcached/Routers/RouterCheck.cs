using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>
/// One command through a router, and what its answer is worth by the markers. Pooled, so that it allocates nothing where
/// the answer needs no confirmation; it goes back when the caller has taken the result.
/// </summary>
internal sealed class RouterCheck : IValueTaskSource<MemcachedReply>
{
    private readonly RouterMarkers _markers;
    private readonly ConcurrentQueue<RouterCheck> _pool;
    private readonly Action _answered;
    private ManualResetValueTaskSourceCore<MemcachedReply> _core;
    private ConfiguredValueTaskAwaitable<MemcachedReply>.ConfiguredValueTaskAwaiter _awaiter;
    private RouterLink _link = null!;
    private int? _marker;
    private bool _wasAway;

    public RouterCheck(RouterMarkers markers, ConcurrentQueue<RouterCheck> pool)
    {
        (_markers, _pool) = (markers, pool);
        _answered = Answered;
    }

    public ValueTask<MemcachedReply> LookUp(RouterLink link, in SpentTokenKey key)
    {
        (_link, _marker) = (link, null);
        return Begin(link.Link.GetAsync(key));
    }

    /// <summary>Stored counts beside the marker known, read after it; and without one where tokens are known not to lie beside their markers.</summary>
    public ValueTask<MemcachedReply> Add(RouterLink link, in SpentTokenKey key, long exptime)
    {
        (_link, _marker) = (link, _markers.Beside(key));
        if (_marker is not { } marker) return Begin(link.Link.AddAsync(key, exptime));
        _wasAway = _markers.IsAway(marker);
        return Begin(link.Link.AddMarkedAsync(key, exptime, _markers.Known(marker)));
    }

    MemcachedReply IValueTaskSource<MemcachedReply>.GetResult(short token)
    {
        var reply = _core.GetResult(token);
        _core.Reset();
        _pool.Enqueue(this);
        return reply;
    }

    ValueTaskSourceStatus IValueTaskSource<MemcachedReply>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<MemcachedReply>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    [SuppressMessage("Reliability", "CA2012", Justification = "Consumed once: by Answered.")]
    private ValueTask<MemcachedReply> Begin(ValueTask<MemcachedReply> asked)
    {
        var outcome = new ValueTask<MemcachedReply>(this, _core.Version);
        _awaiter = asked.ConfigureAwait(false).GetAwaiter();
        if (_awaiter.IsCompleted) Answered();
        else _awaiter.UnsafeOnCompleted(_answered);
        return outcome;
    }

    private void Answered()
    {
        var reply = _awaiter.GetResult();
        _awaiter = default;
        if (reply == MemcachedReply.StoredUnmarked) reply = Unmarked();
        if (reply == MemcachedReply.Failed) _markers.Fail();
        if (reply == MemcachedReply.StoredAnew) _markers.Suspect(_marker!.Value);
        if (reply == MemcachedReply.StoredAnew || (reply == MemcachedReply.Stored && _markers.AreInDoubt)) _ = ConfirmAsync(reply);
        else _core.SetResult(reply);
    }

    private MemcachedReply Unmarked()
    {
        if (_markers.AreElsewhere)
        {
            _markers.Fail();
            return MemcachedReply.Stored;
        }
        if (_wasAway) _markers.Stray();
        return MemcachedReply.Failed;
    }

    /// <summary>
    /// A loss that shows changes the incarnation, and with that what the reply is worth. One that is plain already is waited
    /// for too: who tries again at once must not meet a router that still votes.
    /// </summary>
    private async Task ConfirmAsync(MemcachedReply reply)
    {
        var looked = false;
        try
        {
            looked = await _link.ConfirmAsync().ConfigureAwait(false);
        }
        finally
        {
            // Whatever happens: who waits for this waits without a limit.
            _core.SetResult(looked && reply == MemcachedReply.Stored ? reply : MemcachedReply.Failed);
        }
    }
}
