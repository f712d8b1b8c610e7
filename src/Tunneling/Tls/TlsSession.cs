using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// TLS on one connection. Nothing blocks: a call does what the socket allows and says what to wait for. Used by one thread at a time, the one whose
/// <see cref="TlsBuffers"/> it was given. Neither a peer nor libssl can make it throw; once a call has said Failed, every call does.
/// Lifetime: does not own the socket, which must be open as long as the session is used; dispose the session first.
/// </summary>
internal sealed unsafe partial class TlsSession : IDisposable
{
    /// <summary>
    /// Plaintext turned into ciphertext before the socket is asked to take it: it bounds what a slow peer holds here. Less for one that stalls, and
    /// more for one that does not: a system call for each 256 KiB costs a tenth less than one for each 64.
    /// </summary>
    private const int LeastWriteStep = 16 * 1024;
    private const int FirstWriteStep = 64 * 1024;
    private const int MostWriteStep = 240 * 1024;

    /// <summary>With more than this to send, nothing is read: a peer cannot make answers pile up by not reading them.</summary>
    private const int MaxUnsentWhileReading = 64 * 1024;

    /// <summary>Records one after the other that bring no data, such as key updates. Nobody needs so many.</summary>
    private const int MaxRecordsWithoutData = 32;

    /// <summary>In one call: a handshake may come in records of one byte.</summary>
    private const int MaxRecordsOfHandshake = 16 * 1024;

    private readonly SslHandle _ssl;
    private readonly SocketHandle? _socket;
    private readonly TlsBuffers _buffers;
    private RemainingBytes _unread;
    private RemainingBytes _unsent;
    private IoStatus _received;
    private TlsStatus _over;
    private bool _sendFailed;
    private int _recordsWithoutData;
    private int _writeStep = FirstWriteStep;
    private int _firstByte = -1;
    private bool _handshakeDone;
    private bool _mayHavePlaintext;
    private bool _closeNotifySent;
    private bool _isTruncated;

    /// <summary>Takes over <paramref name="ssl"/>.</summary>
    internal TlsSession(SslHandle ssl, bool isServer, SocketHandle? socket, TlsBuffers buffers)
    {
        (_ssl, _socket, _buffers) = (ssl, socket, buffers);
        try
        {
            TlsBio.Attach(ssl, buffers.Frame);
        }
        catch
        {
            ssl.Dispose();
            throw;
        }

        if (isServer) LibSsl.SSL_set_accept_state(ssl);
        else LibSsl.SSL_set_connect_state(ssl);
    }

    /// <summary>Why the session is over, null while it is not: a fixed text with nothing in it that came from the peer.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether it is over because the connection failed or ended early.</summary>
    public bool IsBroken => SocketError != 0 || _over == TlsStatus.Truncated;

    /// <summary>The error number of the socket, if that is why the session is over; else 0.</summary>
    public int SocketError { get; private set; }

    /// <summary>Whether a read may find something that was already received: no event of the socket announces it.</summary>
    public bool HasPendingRead => !_unread.IsEmpty || _mayHavePlaintext;

    /// <summary>Whether the last read, though it may have brought something, found the socket empty.</summary>
    public bool IsDrained { get; private set; }

    /// <summary>Whether ciphertext waits for the socket to become writable; then <see cref="Flush"/>.</summary>
    public bool HasPendingWrite => !_unsent.IsEmpty && _over == TlsStatus.Done;

    /// <summary>Bytes of ciphertext that wait for the socket.</summary>
    public int UnsentBytes => _unsent.Length;

    /// <summary>
    /// Set it to false where every new event of the socket, its end too, is told after a system call that brought less than it could: that call is
    /// the last then, which spares one that finds nothing. Set it to true once the end was told.
    /// </summary>
    public bool MayHaveEnded { get; set; } = true;

    /// <summary>Whether <see cref="Handshake"/> has said Done.</summary>
    public bool IsEstablished => _handshakeDone;

    /// <summary>Whether the peer began with a capital letter, as requests in cleartext do, and no record of TLS (20 to 24; RFC 8446, section 5.1).</summary>
    public bool BeganInCleartext => _firstByte is >= 'A' and <= 'Z';

    /// <summary>
    /// Goes on with the handshake. After Done look at <see cref="HasPendingRead"/>: the client's first data may have come with its last message.
    /// What says why it failed has been sent to the peer as an alert.
    /// </summary>
    public TlsStatus Handshake()
    {
        if (_over != TlsStatus.Done) return _over;
        if (_handshakeDone) return TlsStatus.Done;
        if (!TrySendUnsent()) return Settle(TlsStatus.WantWrite);
        var frame = Enter(receiveLimit: 16 * 1024, MaxRecordsOfHandshake);
        var result = LibSsl.SSL_do_handshake(_ssl);
        var status = result == 1 ? TlsStatus.Done : Explain(frame, result);
        _handshakeDone = _mayHavePlaintext = status == TlsStatus.Done;
        if (_firstByte < 0) _firstByte = frame->FirstByte;
        Leave(frame);
        return Settle(status);
    }

    /// <summary>
    /// Reads until the destination is full or the socket has no more. Done with a count says nothing of the socket: read again until WantRead, or
    /// remember that you did not.
    /// </summary>
    /// <param name="destination">Where to; best as large as <see cref="TlsBuffers.ReceiveSize"/>.</param>
    public TlsResult Read(Span<byte> destination)
    {
        if (_over != TlsStatus.Done) return _over;
        if (_isTruncated) return TlsStatus.Truncated;
        if (!TrySendUnsent() && (_sendFailed || _unsent.Length > MaxUnsentWhileReading)) return Settle(TlsStatus.WantWrite);
        var frame = Enter(Math.Clamp(destination.Length, 4096, TlsBuffers.ReceiveSize), MaxRecordsWithoutData);
        frame->Records = _recordsWithoutData;
        var total = 0;
        var status = TlsStatus.Done;
        fixed (byte* bytes = destination)
        {
            while (total < destination.Length)
            {
                nuint read;
                LibCrypto.ERR_clear_error();
                if (LibSsl.SSL_read_ex(_ssl, bytes + total, (nuint)(destination.Length - total), &read) == 1)
                {
                    total += (int)read;
                    frame->Records = 0;
                    continue;
                }

                status = Explain(frame, 0);
                break;
            }
        }

        _recordsWithoutData = frame->Records;
        IsDrained = status == TlsStatus.WantRead;
        Leave(frame);
        _mayHavePlaintext = status switch
        {
            TlsStatus.Done => LibSsl.SSL_has_pending(_ssl.DangerousGetHandle()) == 1,
            TlsStatus.WantRead => false,
            _ => true,
        };
        status = Settle(status);
        // What was read is handed on first; how it ended is told by the next call.
        return total > 0 ? new TlsResult(TlsStatus.Done, total) : status;
    }

    /// <summary>
    /// Takes what the socket takes, and at most one step more, which is kept as ciphertext. WantWrite: the count was taken, go on when the socket is
    /// writable; with a count of all, <see cref="Flush"/> is what is left to do.
    /// </summary>
    public TlsResult Write(ReadOnlySpan<byte> source)
    {
        if (_over != TlsStatus.Done) return _over;
        if (_closeNotifySent) return Fail("written after close_notify");
        if (!TrySendUnsent()) return Settle(TlsStatus.WantWrite);
        var total = 0;
        fixed (byte* bytes = source)
        {
            while (total < source.Length)
            {
                var frame = Enter(receiveLimit: 4096, MaxRecordsWithoutData);
                nuint written;
                LibCrypto.ERR_clear_error();
                var status = LibSsl.SSL_write_ex(_ssl, bytes + total, (nuint)Math.Min(source.Length - total, _writeStep), &written) == 1
                    ? TlsStatus.Done
                    : Explain(frame, 0);
                Leave(frame);
                status = Settle(status);
                if (_over != TlsStatus.Done) return status;
                if (status != TlsStatus.Done) return new TlsResult(status, total);
                total += (int)written;
                if (_unsent.IsEmpty || _socket is null)
                {
                    if ((int)written == _writeStep) _writeStep = Math.Min(_writeStep * 2, MostWriteStep);
                    continue;
                }

                _writeStep = LeastWriteStep;
                return new TlsResult(TlsStatus.WantWrite, total);
            }
        }

        return new TlsResult(TlsStatus.Done, total);
    }

    /// <summary>Sends ciphertext that waits. Done when none does.</summary>
    public TlsStatus Flush()
    {
        if (_over != TlsStatus.Done) return _over;
        return Settle(TrySendUnsent() ? TlsStatus.Done : TlsStatus.WantWrite);
    }

    /// <summary>Ends our direction with close_notify; the peer's goes on, and reading too. Done once it is sent; not an end of the socket.</summary>
    public TlsStatus Shutdown()
    {
        if (_over != TlsStatus.Done) return _over;
        if (!_handshakeDone) return Fail("ended before the handshake was done");
        if (!_closeNotifySent)
        {
            var frame = Enter(receiveLimit: 4096, MaxRecordsWithoutData);
            LibCrypto.ERR_clear_error();
            _closeNotifySent = true;
            // 0: sent, the peer's has not come; 1: it has.
            var status = LibSsl.SSL_shutdown(_ssl) >= 0 ? TlsStatus.Done : Explain(frame, -1);
            Leave(frame);
            if (Settle(status) is not TlsStatus.Done and var end) return end;
        }

        return Flush();
    }

    public void Dispose()
    {
        if (_over == TlsStatus.Done) Fail("disposed");
        _unread.Clear();
        _unsent.Clear();
        _ssl.Dispose();
    }
}
