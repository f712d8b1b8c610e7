namespace MsQuic.Native;

/// <summary>QUIC_STATUS on Linux: errno, or numbers beyond it.</summary>
internal static class Status
{
    public const uint Success = 0;
    public const uint Pending = unchecked((uint)-2);
    public const uint InvalidParameter = 22;
    public const uint InvalidState = 1;
    public const uint InternalError = 5;
    public const uint ConnectionRefused = 111;
    public const uint StreamLimitReached = 86;

    private const uint TlsAlerts = 200_000_256;
    private const uint CertificateErrors = 200_000_512;

    public static bool Failed(uint status) => (int)status > 0;

    /// <exception cref="QuicException">It is an error.</exception>
    public static void ThrowIfFailed(uint status, string what)
    {
        if (Failed(status)) throw ToException(status, what);
    }

    public static QuicException ToException(uint status, string what)
    {
        var error = Classify(status);
        var alert = status is >= TlsAlerts and < TlsAlerts + 256 ? $", TLS alert {status - TlsAlerts}" : "";
        return new QuicException(error, $"{what}: {Describe(error)} (status {status}{alert}).");
    }

    private static QuicError Classify(uint status) => status switch
    {
        110 => QuicError.ConnectionTimeout,
        62 => QuicError.ConnectionIdle,
        111 => QuicError.ConnectionRefused,
        113 => QuicError.HostUnreachable,
        93 => QuicError.VersionNegotiation,
        92 => QuicError.AlpnNegotiation,
        98 => QuicError.AddressInUse,
        97 or 99 => QuicError.InvalidAddress,
        125 => QuicError.OperationAborted,
        71 or 126 or 103 => QuicError.TransportError,
        StreamLimitReached => QuicError.StreamLimitReached,
        >= TlsAlerts and < TlsAlerts + 256 or >= CertificateErrors and < CertificateErrors + 256 => QuicError.HandshakeFailed,
        _ => QuicError.InternalError,
    };

    private static string Describe(QuicError error) => error switch
    {
        QuicError.ConnectionTimeout => "the peer does not answer",
        QuicError.ConnectionIdle => "the connection was idle for too long",
        QuicError.ConnectionRefused => "the peer refuses the connection",
        QuicError.HostUnreachable => "the peer cannot be reached",
        QuicError.VersionNegotiation => "no version of QUIC in common",
        QuicError.AlpnNegotiation => "no application protocol in common",
        QuicError.AddressInUse => "the address is in use",
        QuicError.InvalidAddress => "the address cannot be used here",
        QuicError.OperationAborted => "it was given up",
        QuicError.HandshakeFailed => "TLS failed",
        QuicError.StreamLimitReached => "the peer allows no more streams for now",
        QuicError.TransportError => "the protocol was violated",
        _ => "libmsquic failed",
    };
}
