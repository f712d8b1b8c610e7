namespace PrivacyPass.SpentTokens;

/// <summary>
/// One command to one server of the store. Its reply may come while the trace is read already, on another thread: it is complete
/// once <see cref="TryRead"/> says so, and whoever waits for it holds the trace.
/// </summary>
internal sealed class NodeAsk
{
    private long _answeredAt;
    private volatile bool _hasReply;
    private string _reply = "";

    /// <summary>True for a spend, false for a look-up.</summary>
    public bool Spends { get; private set; }

    /// <summary>The server, as the operator configured it.</summary>
    public string Node { get; private set; } = "";

    public long AskedAt { get; private set; }

    public void Begin(bool spends, string node, long now)
    {
        (Spends, Node, AskedAt) = (spends, node, now);
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
