namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>What proxies are measured at.</summary>
internal enum RivalKind
{
    /// <summary>Short tunnels: opened, a byte echoed, closed.</summary>
    Tunnels,

    /// <summary>Bytes to the client.</summary>
    Down,

    /// <summary>Bytes from the client.</summary>
    Up,

    /// <summary>Memory of tunnels that do nothing.</summary>
    Idle,
}
