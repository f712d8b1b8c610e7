using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>A memcached server as the votes see it.</summary>
internal interface IReplica
{
    /// <summary>As the operator configured it.</summary>
    string Name { get; }

    /// <summary>Its state now.</summary>
    NodeStanding Standing { get; }

    /// <summary>Asks whether it holds a token. Never throws.</summary>
    ValueTask<MemcachedReply> GetAsync(SpentTokenKey key);

    /// <summary>Writes a token unless it is there. Never throws.</summary>
    /// <param name="key">The token.</param>
    /// <param name="exptime">Unix seconds when the entry goes, 0 for never.</param>
    ValueTask<MemcachedReply> AddAsync(SpentTokenKey key, long exptime);

    /// <summary>Tells it that it may lack the journal's entry of this number: it does not vote before that has been written.</summary>
    void Owe(long sequence);

    /// <summary>Counts a check that it did not decide.</summary>
    void Count(MemcachedReply reply);
}
