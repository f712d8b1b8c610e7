namespace Tunneling.Tls;

/// <summary>How a call on a <see cref="TlsSession"/> ended.</summary>
internal enum TlsStatus
{
    /// <summary>Done, or with a count: some of it.</summary>
    Done,

    /// <summary>The socket has nothing more: go on when it is readable.</summary>
    WantRead,

    /// <summary>Ciphertext waits for the socket to take it: go on when it is writable.</summary>
    WantWrite,

    /// <summary>The peer has ended its direction with close_notify (RFC 8446, section 6.1); ours goes on.</summary>
    EndOfStream,

    /// <summary>The peer's direction ended without close_notify: what came may not be all. Ours goes on, but a handshake is over.</summary>
    Truncated,

    /// <summary>The session is over: the socket failed, the peer broke the protocol, or no handshake was possible. See <see cref="TlsSession.Failure"/>.</summary>
    Failed,
}

/// <summary>The result of one call on a <see cref="TlsSession"/>.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Count">Bytes of the caller read or taken; not 0 only with <see cref="TlsStatus.Done"/> and, when writing, <see cref="TlsStatus.WantWrite"/>.</param>
internal readonly record struct TlsResult(TlsStatus Status, int Count)
{
    public static implicit operator TlsResult(TlsStatus status) => new(status, 0);
}
