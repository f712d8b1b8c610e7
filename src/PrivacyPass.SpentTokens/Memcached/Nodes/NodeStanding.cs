namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>A node's state, and which of its memories it belongs to, in one word that is read without a lock.</summary>
/// <param name="Packed">The state in the two lowest bits, the incarnation above.</param>
internal readonly record struct NodeStanding(long Packed)
{
    private const int StateBits = 2;

    public NodeStanding(NodeState state, long incarnation) : this(incarnation << StateBits | (long)state) { }

    public NodeState State => (NodeState)(Packed & 3);

    /// <summary>Counts the memories this proxy has seen the node with; an answer that spans two of them is no vote.</summary>
    public long Incarnation => Packed >> StateBits;

    public bool IsAsked => State != NodeState.Down;

    public bool Votes => State == NodeState.Up;
}
