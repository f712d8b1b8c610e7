namespace PrivacyPass.SpentTokens.Memcached;

/// <summary>Where tokens were looked for before, while a fleet of proxies moves from there; see docs/spent-tokens.md.</summary>
public sealed class MemcachedPlacementOptions
{
    /// <summary>The servers of before, as host:port; empty while nothing moves.</summary>
    public IList<string> Servers { get; set; } = [];

    /// <summary>On how many of them each token was.</summary>
    public int Replicas { get; set; } = 1;

    /// <summary>What its keys began with; another than the new one.</summary>
    public string KeyPrefix { get; set; } = "pp:";

    /// <summary>Of routers: the markers there were, each the tag of a part of the keys; 0 for keys without tags, as proxies before version 0.2 have them.</summary>
    public int Markers { get; set; } = MemcachedOptions.UsualMarkers;
}
