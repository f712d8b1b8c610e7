namespace PrivacyPass.SpentTokens.Memcached;

/// <summary>What stands at the addresses of <see cref="MemcachedOptions.Servers"/>.</summary>
public enum MemcachedTopology
{
    /// <summary>A memcached each.</summary>
    Nodes,

    /// <summary>A router each (mcrouter, twemproxy, memcached's own proxy), with memcacheds behind it that the proxy does not know.</summary>
    Router,
}
