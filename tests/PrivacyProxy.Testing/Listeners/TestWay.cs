namespace PrivacyProxy.Testing.Listeners;

/// <summary>The ways to reach the proxy.</summary>
public enum TestWay
{
    Http1,
    /// <summary>On the event loops of the native engine, whatever the others run on.</summary>
    Http1Native,
    Http1Tls,

    /// <summary>The same over TLS.</summary>
    Http1NativeTls,
    Http2,
    /// <summary>On the event loops too.</summary>
    Http2Native,
    Http2Tls,
    Http2NativeTls,

    /// <summary>Over a transport in memory.</summary>
    Http3,

    /// <summary>Over real QUIC: our transport, and .NET's as the client.</summary>
    Http3Quic,
}
