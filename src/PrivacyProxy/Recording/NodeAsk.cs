namespace PrivacyProxy.Recording;

/// <summary>
/// One command to one server of the store. Its reply may come while the trace is read already, on another thread: it is complete
/// once <see cref="TryRead"/> says so, and whoever waits for it holds the trace.
/// </summary>
internal sealed class NodeAsk
{
    private long _answeredAt;
    private volatile bool _hasReply;
    private string _reply = "";

    public TracePhase Phase { get; private set; }

    /// <summary>The server, as the operator configured it.</summary>
    public string Node { get; private set; } = "";

    public long AskedAt { get; private set; }

    public void Begin(TracePhase phase, string node, long now)
    {
        (Phase, Node, AskedAt) = (phase, node, now);
        _hasReply = false;
    }

    public void Answered(string reply, long now)
    {
        (_reply, _answeredAt) = (reply, now);
        _hasReply = true; // last: it publishes the two
    }

    /// <summary>False while the reply is still to come.</summary>
    public bool TryRead(out string reply, out long answeredAt)
    {
        var hasReply = _hasReply;
        (reply, answeredAt) = hasReply ? (_reply, _answeredAt) : ("", default);
        return hasReply;
    }
}
