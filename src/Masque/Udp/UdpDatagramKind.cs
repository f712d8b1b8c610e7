namespace Masque.Udp;

/// <summary>What an HTTP Datagram of connect-udp is.</summary>
public enum UdpDatagramKind
{
    /// <summary>A UDP payload to send.</summary>
    Payload = 0,

    /// <summary>Of a context that was never registered: dropped (RFC 9298, section 4).</summary>
    UnknownContext,

    /// <summary>Too short to hold its context id.</summary>
    Malformed,

    /// <summary>More than a UDP packet can hold: the stream is aborted (RFC 9298, section 5).</summary>
    TooLong,
}
