using System.Buffers;
using Tunneling.Http2.Frames;
using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Http2.Serving;

/// <summary>
/// A stream as one end of a connection, so that pumps need not know what carries it. What the client sends is read out of the session's buffer,
/// and copied only when nobody reads it in the same turn; what is written goes into the session's output as far as the windows allow.
/// </summary>
internal sealed class Http2StreamChannel : Channel
{
    private const int ConnectionReset = 104;

    private readonly Http2Session _session;
    private byte[]? _held; // from the pool
    private int _heldStart;
    private int _heldCount;
    private int _firstPiece = -1;
    private int _lastPiece = -1;
    private bool _canWrite = true;
    private bool _isBroken;
    private bool _hasReadEnd;

    internal Http2StreamChannel(Http2Session session, Http2Stream stream)
        : base(session.Loop)
    {
        (_session, Stream) = (session, stream);
        stream.Owner = this;
    }

    public Http2Session Session => _session;

    public Http2Stream Stream { get; }

    public override bool CanRead => _heldCount > 0 || _firstPiece >= 0 || (Stream.IsRemoteEnded && !_hasReadEnd) || (_isBroken && !IsClosed);

    public override bool CanWrite => _canWrite;

    public override bool MayHaveEnded => Stream.IsRemoteEnded || _isBroken;

    public override bool IsBroken => _isBroken;

    public override SocketAddress Peer => _session.Client.Peer;

    /// <summary>With what the stream was reset, once it is broken.</summary>
    public Http2ErrorCode ResetCode { get; private set; }

    /// <summary>Free for the application.</summary>
    public long Weight { get; set; }

    /// <summary>When it began to wait for room; 0 while it does not.</summary>
    internal long WaitsSince { get; private set; }

    internal Http2StreamChannel? PreviousOpen { get; set; }

    internal Http2StreamChannel? NextOpen { get; set; }

    /// <summary>An answer's head, informational ones too. With <paramref name="endsStream"/> there is nothing more to write.</summary>
    public void Respond(int status, ReadOnlySpan<KeyValuePair<string, string>> fields, bool endsStream)
    {
        if (IsClosed) return;
        _session.Connection.Respond(Stream, status, fields, endsStream);
        _session.ScheduleFlush();
    }

    public override IoResult Read(Span<byte> bytes)
    {
        if (IsClosed || _isBroken) return IoResult.Failed(ConnectionReset);
        var count = TakeHeld(bytes);
        count += TakePieces(bytes[count..]);
        if (count > 0)
        {
            _session.Consumed(Stream, count);
            return IoResult.Done(count);
        }

        if (!Stream.IsRemoteEnded) return IoResult.WouldBlock;
        _hasReadEnd = true;
        return IoResult.End;
    }

    public override IoResult Write(ReadOnlySpan<byte> bytes)
    {
        if (IsClosed || _isBroken) return IoResult.Failed(ConnectionReset);
        var written = _session.Send(this, bytes);
        if (written < bytes.Length)
        {
            _canWrite = false;
            WaitsSince = Loop.Now;
            _session.Await(this);
        }

        return written > 0 || bytes.IsEmpty ? IoResult.Done(written) : IoResult.WouldBlock;
    }

    public override IoResult ShutdownWrite()
    {
        if (IsClosed || _isBroken) return IoResult.Failed(ConnectionReset);
        _session.Connection.End(Stream);
        _session.ScheduleFlush();
        return IoResult.End;
    }

    /// <summary>Ends this direction with trailers, after everything that was taken.</summary>
    public void ShutdownWrite(ReadOnlySpan<KeyValuePair<string, string>> trailers)
    {
        if (IsClosed || _isBroken) return;
        _session.Connection.End(Stream, trailers);
        _session.ScheduleFlush();
    }

    /// <summary>Ends the stream in order; one whose client goes on is reset without an error (RFC 9113, section 8.1).</summary>
    public override void Close()
    {
        if (IsClosed) return;
        _session.Connection.End(Stream);
        Leave(Http2ErrorCode.NoError);
    }

    /// <summary>Resets the stream with CONNECT_ERROR.</summary>
    public override void Abort() => Abort(Http2ErrorCode.ConnectError);

    /// <summary>Resets the stream.</summary>
    public void Abort(Http2ErrorCode code)
    {
        if (!IsClosed) Leave(code);
    }

    internal override void OnEvents(EpollEvents events)
    {
        // No descriptor of its own is watched.
    }

    /// <summary>Notes a piece of the session's buffer.</summary>
    internal void Feed(Http2Input input, int start, int length)
    {
        var piece = input.Add(start, length);
        if (_firstPiece < 0)
        {
            _firstPiece = piece;
            input.Fed.Add(this);
        }
        else
        {
            input.At(_lastPiece).Next = piece;
        }

        _lastPiece = piece;
    }

    /// <summary>Lets whoever reads take what came, and copies the rest.</summary>
    internal void Deliver(Http2Input input)
    {
        if (!IsClosed) Handler?.OnReady(this);
        if (_firstPiece < 0) return;
        if (!IsClosed && !_isBroken) HoldPieces(input);
        _firstPiece = _lastPiece = -1;
    }

    internal void TellEnd()
    {
        // With DATA of the same read it is told together.
        if (!IsClosed && _firstPiece < 0) Handler?.OnReady(this);
    }

    /// <summary>The stream was reset, or its connection is gone.</summary>
    internal void Break(Http2ErrorCode code)
    {
        if (IsClosed || _isBroken) return;
        ResetCode = code;
        _isBroken = true;
        _canWrite = false;
        ReleaseHeld();
        Handler?.OnReady(this);
    }

    /// <summary>There is room for it now.</summary>
    internal void TakeTurn()
    {
        _canWrite = true;
        WaitsSince = 0;
        Handler?.OnReady(this);
    }

    private void Leave(Http2ErrorCode code)
    {
        IsClosed = true;
        Handler = null;
        _canWrite = false;
        _firstPiece = _lastPiece = -1;
        if (Stream.IsClosed) _session.Connection.Consumed(Stream, Stream.Held, Loop.Now);
        else _session.Connection.Reset(Stream, code);
        ReleaseHeld();
        _session.Remove(this);
        _session.ScheduleFlush();
    }

    private int TakeHeld(Span<byte> bytes)
    {
        var count = Math.Min(_heldCount, bytes.Length);
        if (count == 0) return 0;
        _held.AsSpan(_heldStart, count).CopyTo(bytes);
        _heldStart += count;
        _heldCount -= count;
        if (_heldCount == 0) ReleaseHeld();
        return count;
    }

    private int TakePieces(Span<byte> bytes)
    {
        var total = 0;
        while (_firstPiece >= 0 && !bytes.IsEmpty)
        {
            var input = Http2Input.Current;
            ref var piece = ref input.At(_firstPiece);
            var count = Math.Min(piece.Length, bytes.Length);
            input.Bytes.AsSpan(piece.Start, count).CopyTo(bytes);
            bytes = bytes[count..];
            total += count;
            piece.Start += count;
            piece.Length -= count;
            if (piece.Length > 0) break;
            _firstPiece = piece.Next;
        }

        return total;
    }

    private void HoldPieces(Http2Input input)
    {
        var needed = _heldCount;
        for (var at = _firstPiece; at >= 0; at = input.At(at).Next) needed += input.At(at).Length;
        if (_held is null || _held.Length - _heldStart < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(needed);
            _held.AsSpan(_heldStart, _heldCount).CopyTo(larger);
            if (_held is not null) ArrayPool<byte>.Shared.Return(_held);
            (_held, _heldStart) = (larger, 0);
        }

        for (var at = _firstPiece; at >= 0; at = input.At(at).Next)
        {
            ref var piece = ref input.At(at);
            input.Bytes.AsSpan(piece.Start, piece.Length).CopyTo(_held.AsSpan(_heldStart + _heldCount));
            _heldCount += piece.Length;
        }
    }

    private void ReleaseHeld()
    {
        if (_held is not null) ArrayPool<byte>.Shared.Return(_held);
        (_held, _heldStart, _heldCount) = (null, 0, 0);
    }
}
