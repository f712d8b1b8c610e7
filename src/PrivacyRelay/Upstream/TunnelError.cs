namespace PrivacyRelay.Upstream;

/// <summary>Why a tunnel could not be opened, as far as the local program is told.</summary>
internal enum TunnelError
{
    /// <summary>The proxy could not be reached, or did not speak HTTP.</summary>
    ProxyUnreachable,

    /// <summary>The proxy's certificate is not trusted.</summary>
    ProxyNotTrusted,

    /// <summary>The proxy refused the tokens or the key, or offers no challenge the relay can answer.</summary>
    NotAuthorized,

    /// <summary>The issuer gave no tokens.</summary>
    NoTokens,

    /// <summary>The proxy refused the destination by its rules.</summary>
    Denied,

    /// <summary>The destination's name does not resolve, or it cannot be reached.</summary>
    HostUnreachable,

    /// <summary>The destination refused the connection.</summary>
    ConnectionRefused,

    /// <summary>The time for opening a tunnel ran out, here or at the proxy.</summary>
    TimedOut,

    /// <summary>The proxy answered with another failure.</summary>
    ProxyFailed,
}
