namespace MsQuic;

/// <summary>What went wrong.</summary>
public enum QuicError
{
    /// <summary>libmsquic failed, or was asked for what it does not do.</summary>
    InternalError,

    /// <summary>The peer closed the connection with a code of the application's.</summary>
    ConnectionAborted,

    /// <summary>The peer reset the stream, or asked for it to stop, with a code of the application's.</summary>
    StreamAborted,

    /// <summary>This side gave it up.</summary>
    OperationAborted,

    /// <summary>The peer does not answer.</summary>
    ConnectionTimeout,

    /// <summary>Nothing was sent or received for longer than the idle timeout.</summary>
    ConnectionIdle,

    /// <summary>The peer refuses the connection.</summary>
    ConnectionRefused,

    /// <summary>The network knows no way to the peer.</summary>
    HostUnreachable,

    /// <summary>TLS failed: a certificate that is not trusted, for one.</summary>
    HandshakeFailed,

    /// <summary>No version of QUIC in common.</summary>
    VersionNegotiation,

    /// <summary>No application protocol in common.</summary>
    AlpnNegotiation,

    /// <summary>Another socket has the address.</summary>
    AddressInUse,

    /// <summary>The machine does not have the address.</summary>
    InvalidAddress,

    /// <summary>The peer allows no more streams for now.</summary>
    StreamLimitReached,

    /// <summary>A side violated the protocol (RFC 9000, section 20.1).</summary>
    TransportError,
}
