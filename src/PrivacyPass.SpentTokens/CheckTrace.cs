using System.Runtime.InteropServices;

namespace PrivacyPass.SpentTokens;

/// <summary>
/// What the servers of a store were asked for one request, for who wants to know. Made to be pooled, so that recording allocates
/// nothing. Replies may come later than the verdict: whoever waits for one holds the trace until the last holder has released it.
/// </summary>
internal abstract class CheckTrace(TimeProvider time)
{
    // Kept with the trace; the first _asks of them count.
    private readonly List<NodeAsk> _nodes = [];
    private int _asks;
    private int _holders;

    /// <summary>Commands to servers of the store, in the order they were asked.</summary>
    public ReadOnlySpan<NodeAsk> Nodes => CollectionsMarshal.AsSpan(_nodes)[.._asks];

    /// <summary>A command goes to a server of the store. Whoever tells the reply holds the trace until then.</summary>
    public NodeAsk Ask(bool spends, string node)
    {
        if (_asks == _nodes.Count) _nodes.Add(new NodeAsk());
        var ask = _nodes[_asks++];
        ask.Begin(spends, node, time.GetTimestamp());
        return ask;
    }

    /// <summary>The reply to <see cref="Ask"/> in a word of its store, on whatever thread it came.</summary>
    public void Answered(NodeAsk ask, string reply) => ask.Answered(reply, time.GetTimestamp());

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) Released();
    }

    /// <summary>Begins anew, with one holder.</summary>
    protected void Begin() => (_asks, _holders) = (0, 1);

    /// <summary>Nobody writes to it any more.</summary>
    protected abstract void Released();
}
