namespace Masque;

/// <summary>The types of capsules that mean something here; all others are skipped (RFC 9297, section 3.2).</summary>
public static class CapsuleType
{
    /// <summary>An HTTP Datagram (RFC 9297, section 3.5).</summary>
    public const ulong Datagram = 0x00;

    /// <summary>Bytes of a TCP connection: DATA of connect-tcp, the provisional value of draft-ietf-httpbis-connect-tcp.</summary>
    public const ulong Data = 0x2028d7f0;

    /// <summary>The last bytes of a TCP connection, then FIN: FINAL_DATA of connect-tcp, provisional too.</summary>
    public const ulong FinalData = 0x2028d7f1;
}
