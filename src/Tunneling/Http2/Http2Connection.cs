using Tunneling.Http2.Frames;
using Tunneling.Http2.Hpack;
using Tunneling.Http2.Requests;

namespace Tunneling.Http2;

/// <summary>
/// The server's side of an HTTP/2 connection (RFC 9113, RFC 8441) made for tunnels, without I/O: bytes go in as they arrive, events come out,
/// and what is to be sent is taken out. One caller at a time.
/// </summary>
internal sealed partial class Http2Connection : IDisposable
{
    // A constant, so that nothing of this process shows in it.
    private const ulong DrainPing = 0x647261696e2d3031;

    private readonly Http2Limits _limits;
    private readonly RequestHead _head;
    private readonly IHttp2Events _events;
    private readonly FrameReader _reader = new();
    private readonly HpackDecoder _decoder = new();
    private readonly StreamTable _streams = new();
    private readonly ControlQueue _control = new();
    private HeaderBlock _block;
    private PeerSettings _peer = new();
    private AbuseBudget _budget;
    private long _now;
    private bool _hasSettings;
    private DrainState _drain;
    private int _lastAccepted = int.MaxValue;

    /// <param name="limits">What the connection may take.</param>
    /// <param name="head">Where requests are read into; it may serve every connection of a thread.</param>
    /// <param name="events">Who is told.</param>
    /// <param name="now">Milliseconds of any steady clock, as in every call.</param>
    public Http2Connection(Http2Limits limits, RequestHead head, IHttp2Events events, long now)
    {
        (_limits, _head, _events, _now) = (limits, head, events, now);
        _budget = new AbuseBudget(limits.AllowanceOfStrangers, now);
        _growthLeft = limits.MaxGrowth;
        _control.AppendSettings(
            (SettingId.MaxConcurrentStreams, limits.MaxStreamsOfStrangers),
            (SettingId.InitialWindowSize, limits.StreamWindow),
            (SettingId.MaxHeaderListSize, limits.MaxFieldListSize),
            (SettingId.EnableConnectProtocol, 1));
    }

    private enum DrainState : byte
    {
        None,
        Announced,
        Final,
    }

    /// <summary>Why the connection failed; none while it has not.</summary>
    public Http2ErrorCode Failure { get; private set; }

    /// <summary>Broken: what waits to be sent ends with GOAWAY, and nothing more is taken in.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>One of its streams was authenticated: it has the limits of those.</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>Streams that are not closed.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>A frame or a head has begun and not ended: it may not take long.</summary>
    public bool IsWithinFrame => !_reader.IsBetweenFrames || _block.StreamId != 0;

    /// <summary>The last GOAWAY was sent, and all streams that came before it are closed.</summary>
    public bool IsDrained => _drain == DrainState.Final && _streams.Count == 0;

    /// <summary>What is left of the account for floods.</summary>
    public int PointsLeft => _budget.Points;

    /// <summary>Set while nothing more is to be taken in: <see cref="Receive(ref ReadOnlySpan{byte}, long)"/> stops after the frame that made its events set it.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Takes in what has arrived. False: the connection has failed.</summary>
    public bool Receive(ReadOnlySpan<byte> bytes, long now) => Receive(ref bytes, now);

    /// <summary>The same; what is left of <paramref name="bytes"/> is for later, when the connection is held no more.</summary>
    public bool Receive(ref ReadOnlySpan<byte> bytes, long now)
    {
        if (HasFailed) return false;
        _now = now;
        if (bytes.Length < FrameHeader.Size) Spend(AbuseBudget.Frame);
        while (!HasFailed && !IsHeld)
        {
            if (_reader.TryRead(ref bytes, out var frame, out var error)) Take(frame);
            else if (error != Http2ErrorCode.NoError) Fail(error);
            else break;
        }

        return !HasFailed;
    }

    /// <summary>Ends the connection with GOAWAY and a code; the caller sends what waits, and closes.</summary>
    public void Fail(Http2ErrorCode code)
    {
        if (HasFailed) return;
        HasFailed = true;
        Failure = code;
        _control.AppendGoAway(_streams.LastId, code);
        foreach (var stream in _streams.All) stream.IsClosed = true;
        _streams.Clear();
        _senders.Clear();
        HeldBytes = 0;
        _block.Clear();
        _reader.Dispose();
        _events.OnFailure(code);
    }

    /// <summary>One of the streams has shown who pays: larger limits from here on.</summary>
    public void Authenticated()
    {
        if (IsAuthenticated || HasFailed) return;
        IsAuthenticated = true;
        _budget.Raise(_limits.Allowance);
        if (_limits.MaxStreams != _limits.MaxStreamsOfStrangers)
            _control.AppendSettings((SettingId.MaxConcurrentStreams, _limits.MaxStreams));
        RaiseConnectionWindow();
    }

    /// <summary>Tells the client to open no more streams: in a way that loses none under way (RFC 9113, section 6.8). The second GOAWAY follows by itself.</summary>
    public void BeginDrain()
    {
        if (_drain != DrainState.None || HasFailed) return;
        _drain = DrainState.Announced;
        _control.AppendGoAway(int.MaxValue, Http2ErrorCode.NoError);
        Span<byte> opaque = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(opaque, DrainPing);
        _control.AppendPing(opaque, isAck: false);
    }

    /// <summary>The last GOAWAY, for a client that answers no PING.</summary>
    public void FinishDrain()
    {
        if (_drain == DrainState.Final || HasFailed) return;
        _drain = DrainState.Final;
        _lastAccepted = _streams.LastId;
        _control.AppendGoAway(_lastAccepted, Http2ErrorCode.NoError);
    }

    /// <summary>Gives all buffers back; no event comes of it.</summary>
    public void Dispose()
    {
        HasFailed = true;
        _block.Clear();
        _reader.Dispose();
        _control.Dispose();
        _senders.Clear();
        _streams.Clear();
    }

    private int MaxQueued => IsAuthenticated ? _limits.MaxQueuedControl : _limits.MaxQueuedControlOfStrangers;

    private void Spend(int points)
    {
        if (!_budget.TrySpend(points, _now)) Fail(Http2ErrorCode.EnhanceYourCalm);
    }

    /// <summary>A frame that is answered: what waits for a peer that does not read has an end.</summary>
    private void CheckQueue()
    {
        if (_control.Length > MaxQueued) Fail(Http2ErrorCode.EnhanceYourCalm);
    }

    private void Take(in Frame frame)
    {
        var header = frame.Header;
        if (!_hasSettings)
        {
            // The preface ends with SETTINGS (section 3.4).
            if (header.Type != FrameType.Settings || header.Has(FrameFlags.Ack)) Fail(Http2ErrorCode.ProtocolError);
            else TakeSettings(header, frame.Payload);
            return;
        }

        if (_block.StreamId != 0 && (header.Type != FrameType.Continuation || header.StreamId != _block.StreamId))
        {
            Fail(Http2ErrorCode.ProtocolError);
            return;
        }

        switch (header.Type)
        {
            case FrameType.Data:
                TakeData(frame);
                break;
            case FrameType.Headers:
                TakeHeaders(header, frame.Payload);
                break;
            case FrameType.Continuation:
                TakeContinuation(header, frame.Payload);
                break;
            case FrameType.RstStream:
                TakeReset(header, frame.Payload);
                break;
            case FrameType.Settings:
                TakeSettings(header, frame.Payload);
                break;
            case FrameType.Ping:
                TakePing(header, frame.Payload);
                break;
            case FrameType.WindowUpdate:
                TakeWindowUpdate(header, frame.Payload);
                break;
            case FrameType.Priority:
                TakePriority(header);
                break;
            case FrameType.GoAway:
                TakeGoAway(header, frame.Payload);
                break;
            case FrameType.PushPromise:
                Fail(Http2ErrorCode.ProtocolError);
                break;
            default:
                Spend(AbuseBudget.Frame);
                break;
        }
    }
}
