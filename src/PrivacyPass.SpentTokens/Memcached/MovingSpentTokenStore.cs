using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyPass.SpentTokens.Memcached;

/// <summary>
/// A fleet that moves to other servers, another R or another prefix: a token is spent at the old place, where proxies that
/// know only that one look, and then at the new one. It is accepted if it was fresh at both.
/// </summary>
/// <param name="previous">The old place; it decides first.</param>
/// <param name="next">The new one.</param>
internal sealed class MovingSpentTokenStore(MemcachedSpentTokenStore previous, MemcachedSpentTokenStore next) : ISpentTokenStore
{
    public string Name => next.Name;

    public bool LooksUpFirst => true;

    public bool IsReady => previous.IsReady && next.IsReady;

    public string? NotReady => previous.NotReady ?? next.NotReady;

    /// <summary>The servers of both, those of the old place first.</summary>
    public IEnumerable<(string Node, NodeState State, long Evictions, double MemoryUsed)> NodeStates => previous.NodeStates.Concat(next.NodeStates);

    /// <summary>The old place knows all, but for what proxies that have left it behind accepted; the spend finds that.</summary>
    public ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken) => previous.LookUpAsync(token, cancellationToken);

    public async ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken)
    {
        // Where it could not be spent at both, it is not used up at one.
        if (!next.CanSpend(token)) return SpendOutcome.Unavailable;
        var outcome = await previous.SpendAsync(token, cancellationToken);
        return outcome == SpendOutcome.Fresh ? await next.SpendAsync(token, cancellationToken) : outcome;
    }

    public async ValueTask DisposeAsync()
    {
        await previous.DisposeAsync();
        await next.DisposeAsync();
    }
}
