using PrivacyPass.SpentTokens;

namespace PrivacyProxy.LoadTests.Stores;

/// <summary>Which store to build; everything not named keeps the proxy's default.</summary>
internal sealed record StoreSettings(SpentTokenStoreKind Kind)
{
    public const string IssuerName = "issuer.example";

    /// <summary>In the challenges that the proxy takes tokens for.</summary>
    public const string OriginInfo = "proxy.example";

    public IReadOnlyList<string> Servers { get; init; } = [];

    public int? Replicas { get; init; }

    /// <summary>True where the server is a router.</summary>
    public bool IsRouter { get; init; }

    /// <summary>Connections to each memcached node.</summary>
    public int? Connections { get; init; }

    public TimeSpan? Deadline { get; init; }

    public string? SqliteFile { get; init; }

    public long? Capacity { get; init; }

    public string? Order { get; init; }

    /// <summary>Whether checks come from the event loops of the tunnels, as they do where <c>Listeners:Engine</c> is Native.</summary>
    public bool UsesLoops { get; init; }

    /// <summary>As the configuration of the proxy names them.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Configuration()
    {
        const string Section = "PrivacyProxy:SpentTokens";
        yield return new("PrivacyProxy:Authentication:OriginInfo", OriginInfo);
        yield return new("PrivacyProxy:Issuers:0:Name", IssuerName);
        yield return new("PrivacyProxy:Issuers:0:Directory", "https://issuer.example/");
        yield return new($"{Section}:Store", Kind.ToString());
        for (var i = 0; i < Servers.Count; i++) yield return new($"{Section}:Memcached:Servers:{i}", Servers[i]);
        if (Replicas is { } replicas) yield return new($"{Section}:Memcached:Replicas", replicas.ToString());
        if (IsRouter) yield return new($"{Section}:Memcached:Topology", "Router");
        if (Connections is { } connections) yield return new($"{Section}:Memcached:ConnectionsPerNode", connections.ToString());
        if (Deadline is { } deadline) yield return new($"{Section}:Memcached:Deadline", deadline.ToString("c"));
        if (SqliteFile is { } file) yield return new($"{Section}:Sqlite:File", file);
        if (Capacity is { } capacity) yield return new($"{Section}:Capacity", capacity.ToString());
        if (Order is { } order) yield return new($"{Section}:Order", order);
    }
}
