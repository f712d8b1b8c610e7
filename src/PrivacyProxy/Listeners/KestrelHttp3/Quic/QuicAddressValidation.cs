namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>When clients must show that they are at their address (RFC 9000, section 8.1).</summary>
internal enum QuicAddressValidation
{
    /// <summary>When handshakes take much memory.</summary>
    UnderLoad,

    /// <summary>Each of them.</summary>
    Always,
}
