using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace PrivacyProxy.SpentTokens.Memcached.Wire;

/// <summary>The reusable waiter of a <c>get</c> or <c>add</c>; goes back to its pool when the caller has taken the result.</summary>
internal sealed class PendingCheck(ConcurrentQueue<PendingCheck> pool) : PendingReply, IValueTaskSource<MemcachedReply>
{
    private ManualResetValueTaskSourceCore<MemcachedReply> _core;

    /// <summary>The key asked for; what a <c>VALUE</c> line must name.</summary>
    public SpentTokenKey Key { get; set; }

    public ValueTask<MemcachedReply> Task => new(this, _core.Version);

    public override void Execute() => _core.SetResult(Reply);

    public MemcachedReply GetResult(short token)
    {
        var reply = _core.GetResult(token);
        _core.Reset();
        pool.Enqueue(this);
        return reply;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
