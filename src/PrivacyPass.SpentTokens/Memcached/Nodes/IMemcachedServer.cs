namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>What the store keeps for each entry of its list of servers: a memcached, or a router with memcacheds behind it.</summary>
internal interface IMemcachedServer : IReplica, IAsyncDisposable
{
    /// <summary>What keeps it from voting, null when nothing does. Names the server.</summary>
    string? Problem { get; }

    /// <summary>Entries it has thrown away, as far as it tells.</summary>
    long Evictions { get; }

    /// <summary>The part of its memory that entries take; NaN where it does not tell.</summary>
    double MemoryUsed { get; }

    /// <summary>Gives up what owes an answer for too long. Called often, by one timer for all servers.</summary>
    void CheckStall();
}
