namespace PrivacyProxy.Testing.Listeners;

/// <summary>The ways to reach the proxy.</summary>
public enum TestWay
{
    Http1,
    Http1Tls,
    Http2,
    Http2Tls,

    /// <summary>Over a transport in memory.</summary>
    Http3,
}
