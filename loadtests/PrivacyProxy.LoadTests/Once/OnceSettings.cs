namespace PrivacyProxy.LoadTests.Once;

/// <summary>The size of a run of the checker of "once".</summary>
internal sealed record OnceSettings
{
    public int Tokens { get; init; } = 100_000;

    /// <summary>Store instances, each as one proxy has it.</summary>
    public int Proxies { get; init; } = 3;

    /// <summary>Of each proxy.</summary>
    public int Clients { get; init; } = 8;

    /// <summary>Makes tokens and faults repeatable; the timing of the machine is not.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Memcached nodes.</summary>
    public int Nodes { get; init; } = 3;

    public int Replicas { get; init; } = 3;

    /// <summary>Puts a router before the nodes: one replica, spread over them.</summary>
    public bool ThroughRouter { get; init; }

    /// <summary>Deadline of a check; null: the proxy's own.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How long after a fault every proxy must count on the node again, at the latest.</summary>
    public TimeSpan Recovery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Replaces a proxy by a new one now and then: its memory of what it accepted is gone.</summary>
    public bool RestartsProxies { get; init; }

    /// <summary>Times the process is killed; for the sqlite store.</summary>
    public int Kills { get; init; } = 20;

    /// <summary>Ends the offering early; what was offered until then is checked.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);
}
