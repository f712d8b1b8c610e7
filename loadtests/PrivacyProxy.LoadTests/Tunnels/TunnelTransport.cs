namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>How tunnels reach the proxy.</summary>
internal enum TunnelTransport
{
    /// <summary>A cleartext connection for each.</summary>
    Http1,

    /// <summary>A TLS connection for each.</summary>
    Tls,
}
