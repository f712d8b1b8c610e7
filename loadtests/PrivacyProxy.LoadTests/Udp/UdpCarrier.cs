namespace PrivacyProxy.LoadTests.Udp;

/// <summary>What datagrams travel in.</summary>
internal enum UdpCarrier
{
    /// <summary>Capsules on the stream of the request (RFC 9297, section 3.2).</summary>
    Capsules,

    /// <summary>QUIC DATAGRAM frames beside it (RFC 9221).</summary>
    Datagrams,

    /// <summary>Nothing: they go to the echo as they are, over the path that the proxy would be reached by.</summary>
    Bare,
}
