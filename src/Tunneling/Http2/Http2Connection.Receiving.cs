using Tunneling.Http2.Frames;

namespace Tunneling.Http2;

/// <summary>
/// DATA in, and its windows. The connection's is given back on receipt, so that a stream which is not read holds up no other;
/// a stream's is given back as its bytes go on, and grows while they go on quickly. What a connection can hold is therefore
/// the windows its streams begin with and <see cref="Http2Limits.MaxGrowth"/>.
/// </summary>
internal sealed partial class Http2Connection
{
    // A window that is used up faster than this is no wider than some paths are long: it grows.
    private const int GrowthMilliseconds = 200;

    private int _credit = PeerSettings.DefaultWindow;
    private int _window = PeerSettings.DefaultWindow;
    private int _unreturned;
    private int _growthLeft;
    private bool _isAcknowledged;
    private Http2Stream? _receiving;

    /// <summary>Bytes that were received and not consumed, of all streams.</summary>
    public int HeldBytes { get; private set; }

    /// <summary>What the client may still send on the connection.</summary>
    public int ConnectionCredit => _credit;

    /// <summary>What streams may still grow by.</summary>
    public int GrowthLeft => _growthLeft;

    /// <summary>Bytes of a stream have gone on: their window is given back.</summary>
    public void Consumed(Http2Stream stream, int count, long now)
    {
        if (HasFailed) return;
        _now = now;
        count = Math.Min(count, stream.Held);
        stream.Held -= count;
        HeldBytes -= count;
        if (!IsAuthenticated) ReturnToConnection(count);
        if (stream.IsClosed) return;
        stream.Unreturned += count;
        ReturnToStream(stream);
    }

    private void TakeData(in Frame frame)
    {
        var header = frame.Header;
        if (frame.IsFirst)
        {
            _receiving = null;
            if (!TryAccount(frame)) return;
        }

        if (_receiving is { IsClosed: false } open && !frame.Payload.IsEmpty) _events.OnData(open, frame.Payload);
        if (!frame.IsLast || HasFailed) return;
        var stream = _receiving;
        _receiving = null;
        if (stream is { IsClosed: false } && header.Has(FrameFlags.EndStream)) EndRemote(stream);
    }

    /// <summary>Everything that depends on a frame's header: windows, the state of its stream.</summary>
    private bool TryAccount(in Frame frame)
    {
        var header = frame.Header;
        if (_streams.IsIdle(header.StreamId)) return FailWith(Http2ErrorCode.ProtocolError);
        if (header.Has(FrameFlags.Padded) && header.Length == 0) return FailWith(Http2ErrorCode.FrameSizeError);
        if (header.Length > _credit) return FailWith(Http2ErrorCode.FlowControlError);
        _credit -= header.Length;
        var data = header.Length - frame.Padding;
        SpendOnData(header, data);
        if (HasFailed) return false;
        if (!_streams.TryGet(header.StreamId, out var stream))
        {
            ReturnToConnection(header.Length);
            if (_streams.WasReset(header.StreamId)) Spend(AbuseBudget.Frame);
            else RefuseStream(header.StreamId, Http2ErrorCode.StreamClosed);
            return !HasFailed;
        }

        if (ErrorOf(stream, header.Length, data) is var error and not Http2ErrorCode.NoError)
        {
            ReturnToConnection(header.Length);
            FailStream(stream, error);
            return !HasFailed;
        }

        stream.Credit -= header.Length;
        if (stream.ContentLeft >= 0) stream.ContentLeft -= data;
        stream.Held += data;
        HeldBytes += data;
        stream.Unreturned += frame.Padding;
        ReturnToConnection(IsAuthenticated ? header.Length : frame.Padding);
        if (frame.Padding > 0) ReturnToStream(stream);
        _receiving = stream;
        return true;
    }

    private Http2ErrorCode ErrorOf(Http2Stream stream, int length, int data)
    {
        if (stream.IsRemoteEnded) return Http2ErrorCode.StreamClosed;
        // Until it has read our settings a client holds to the window that every stream begins with (RFC 9113, section 6.9.3),
        // and some send what they had allowed themselves by then after the acknowledgement.
        var early = stream.IsEarly ? Math.Max(0, PeerSettings.DefaultWindow - _limits.StreamWindow) : 0;
        if (length > stream.Credit + early) return Http2ErrorCode.FlowControlError;
        return stream.ContentLeft >= 0 && data > stream.ContentLeft ? Http2ErrorCode.ProtocolError : Http2ErrorCode.NoError;
    }

    private bool FailWith(Http2ErrorCode code)
    {
        Fail(code);
        return false;
    }

    private void SpendOnData(in FrameHeader header, int data)
    {
        if (data == 0 && !header.Has(FrameFlags.EndStream)) Spend(AbuseBudget.Ping);
        else if (data < AbuseBudget.SmallData) Spend(AbuseBudget.Frame);
        else _budget.Earn(data / 1024);
    }

    private void ReturnToConnection(int count)
    {
        _unreturned += count;
        if (_unreturned == 0 || _unreturned < _window / 2) return;
        _control.AppendWindowUpdate(0, _unreturned);
        _credit += _unreturned;
        _unreturned = 0;
    }

    private void RaiseConnectionWindow()
    {
        // What is held was received: from here on that alone gives it back.
        _unreturned += HeldBytes + Math.Max(0, _limits.ConnectionWindow - _window);
        _window = Math.Max(_limits.ConnectionWindow, _window);
        if (_unreturned == 0) return;
        _control.AppendWindowUpdate(0, _unreturned);
        _credit += _unreturned;
        _unreturned = 0;
    }

    private void ReturnToStream(Http2Stream stream)
    {
        if (stream.IsRemoteEnded || stream.Unreturned < stream.ReceiveWindow / 2) return;
        var change = 0;
        if (stream.Held >= stream.ReceiveWindow / 4)
        {
            // What it may send is more than goes on: back towards the window it began with.
            change = -Math.Min(stream.ReceiveWindow - _limits.StreamWindow, stream.Unreturned);
        }
        else if (_now - stream.WindowGivenAt < GrowthMilliseconds)
        {
            change = Math.Min(Math.Min(stream.ReceiveWindow, _growthLeft), Math.Max(0, _limits.MaxStreamWindow - stream.ReceiveWindow));
        }

        stream.ReceiveWindow += change;
        _growthLeft -= change;
        var increment = stream.Unreturned + change;
        stream.Unreturned = 0;
        stream.WindowGivenAt = _now;
        if (increment == 0) return;
        stream.Credit += increment;
        _control.AppendWindowUpdate(stream.Id, increment);
    }

    private void ReleaseWindow(Http2Stream stream)
    {
        _growthLeft += stream.ReceiveWindow - _limits.StreamWindow;
        stream.ReceiveWindow = _limits.StreamWindow;
    }

    /// <summary>A stream that was reset: nobody will consume what it held.</summary>
    private void ReleaseHeld(Http2Stream stream)
    {
        HeldBytes -= stream.Held;
        if (!IsAuthenticated) ReturnToConnection(stream.Held);
        stream.Held = 0;
    }
}
