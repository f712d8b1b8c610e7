using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>What every call into libssl begins and ends with.</summary>
internal sealed unsafe partial class TlsSession
{
    private const string EndedEarly = "ended without close_notify";
    private const string ConnectionFailed = "the connection failed";

    private TlsFrame* Enter(int receiveLimit, int recordLimit)
    {
        var frame = _buffers.Frame;
        if (_socket is not null)
        {
            var held = false;
            _socket.DangerousAddRef(ref held);
            frame->Descriptor = (int)_socket.DangerousGetHandle();
        }
        else
        {
            frame->Descriptor = -1;
        }

        frame->ReceiveLimit = receiveLimit;
        frame->StopsWhenShort = !MayHaveEnded;
        frame->RecordLimit = recordLimit;
        frame->Records = 0;
        frame->FirstByte = -1;
        frame->Receive = _received;
        frame->ReceiveEndTold = false;
        frame->Error = 0;
        frame->OutputLength = 0;
        frame->InputStart = 0;
        frame->InputEnd = _unread.MoveTo(new Span<byte>(frame->Input, TlsBuffers.ReceiveSize));
        // What an earlier call on this thread left in the queue would be taken for this one's.
        LibCrypto.ERR_clear_error();
        return frame;
    }

    /// <summary>Says how the call that just failed ended. Before anything else asks OpenSSL.</summary>
    private TlsStatus Explain(TlsFrame* frame, int result)
    {
        switch (LibSsl.SSL_get_error(_ssl, result))
        {
            case LibSsl.SSL_ERROR_WANT_READ:
                if (frame->Records <= frame->RecordLimit) return TlsStatus.WantRead;
                Failure = "too many records without data";
                return TlsStatus.Failed;
            case LibSsl.SSL_ERROR_ZERO_RETURN when _handshakeDone:
                _isTruncated = frame->ReceiveEndTold;
                return _isTruncated ? TlsStatus.Truncated : TlsStatus.EndOfStream;
        }

        var reason = OpenSslError.Take();
        if (!frame->ReceiveEndTold)
        {
            Failure = reason;
            return TlsStatus.Failed;
        }

        Failure = frame->Receive == IoStatus.End ? EndedEarly : ConnectionFailed;
        return frame->Receive == IoStatus.End ? TlsStatus.Truncated : TlsStatus.Failed;
    }

    /// <summary>Keeps what libssl has not taken, and sends what it made, an alert too.</summary>
    private void Leave(TlsFrame* frame)
    {
        _socket?.DangerousRelease();
        if (frame->Receive is IoStatus.End or IoStatus.Failed) _received = frame->Receive;
        if (frame->Receive == IoStatus.Failed) SocketError = frame->Error;
        _unread.Append(new ReadOnlySpan<byte>(frame->Input + frame->InputStart, frame->InputEnd - frame->InputStart));
        if (frame->OutputLength == 0) return;
        var output = new ReadOnlySpan<byte>(frame->Output, frame->OutputLength);
        _unsent.Append(_unsent.IsEmpty ? output[Send(output)..] : output);
    }

    /// <summary>The status, or that the socket failed; what ends the session is kept, and nothing else is.</summary>
    private TlsStatus Settle(TlsStatus status)
    {
        var isOver = status == TlsStatus.Failed || (status == TlsStatus.Truncated && !_isTruncated);
        if (_sendFailed && !isOver) return Fail(ConnectionFailed);
        if (!isOver) return status;
        _over = status;
        _unread.Clear();
        return status;
    }

    private TlsStatus Fail(string reason)
    {
        Failure = reason;
        return Settle(TlsStatus.Failed);
    }

    /// <summary>True when nothing waits any more. What the socket takes only a part of has filled it: there will be an event.</summary>
    private bool TrySendUnsent()
    {
        if (_unsent.IsEmpty || _socket is null) return true;
        _unsent.Advance(Send(_unsent.Span));
        return _unsent.IsEmpty;
    }

    private int Send(ReadOnlySpan<byte> bytes)
    {
        if (_socket is null || _sendFailed) return 0;
        var result = Sockets.Send(_socket, bytes);
        if (result.Status == IoStatus.Done) return result.Value;
        if (result.Status != IoStatus.Failed) return 0;
        _sendFailed = true;
        SocketError = result.Value;
        return 0;
    }
}
