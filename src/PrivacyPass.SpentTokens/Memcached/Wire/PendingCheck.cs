using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>The reusable waiter of a <c>get</c> or <c>add</c>; goes back to its pool when the caller has taken the result.</summary>
internal sealed class PendingCheck(ConcurrentQueue<PendingCheck> pool) : PendingReply, IValueTaskSource<MemcachedReply>
{
    private ManualResetValueTaskSourceCore<MemcachedReply> _core;

    /// <summary>The key asked for; what a <c>VALUE</c> line must name.</summary>
    public SpentTokenKey Key { get; set; }

    /// <summary>What its marker must hold for the key to count as made; null when no marker is known.</summary>
    public byte[]? Marker { get; set; }

    /// <summary>What a key that was made counts for, by the marker read behind it.</summary>
    public MemcachedReply Judge(in ParsedReply reply) => (reply.Reply, reply.Marker) switch
    {
        (not MemcachedReply.Stored, _) => reply.Reply,
        (_, MemcachedReply.Hit) when Marker is not null && reply.Value.SequenceEqual(Marker) => MemcachedReply.Stored,
        (_, MemcachedReply.Hit or MemcachedReply.Miss) => MemcachedReply.StoredAnew,
        _ => MemcachedReply.StoredUnmarked,
    };

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
