namespace PrivacyProxy.SpentTokens.Memcached;

/// <summary>Where tokens were looked for before, while a fleet of proxies moves from there; see docs/spent-tokens.md.</summary>
internal sealed class MemcachedPlacementOptions
{
    public IList<string> Servers { get; set; } = [];

    public int Replicas { get; set; } = 1;

    public string KeyPrefix { get; set; } = "pp:";
}
