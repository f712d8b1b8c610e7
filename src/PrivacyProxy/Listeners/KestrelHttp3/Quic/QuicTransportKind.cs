namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>What speaks QUIC below Kestrel's HTTP/3; both need libmsquic.</summary>
internal enum QuicTransportKind
{
    /// <summary>Our own, which has datagrams, and windows that can be set.</summary>
    MsQuic,

    /// <summary>The one of .NET.</summary>
    SystemNetQuic,
}
