using Tunneling.Http2;
using Tunneling.Http2.Frames;
using Tunneling.Http2.Requests;

namespace Tunneling.Fuzz;

/// <summary>
/// What a client sends after its preface, in pieces whose size the first byte says. Whoever answers does something else for each stream;
/// in the end the windows must add up, what waits must be whole frames, and nothing may be held that was not sent.
/// </summary>
internal sealed class Http2Target : IHttp2Events
{
    private static readonly KeyValuePair<string, string>[] _fields = [new("server-timing", "proxy;dur=1"), new("x", new string('y', 300))];
    private static readonly Http2Limits _limits = new() { MaxFieldListSize = 2048, StreamWindow = 1000, MaxStreamWindow = 5000, MaxGrowth = 8000, ConnectionWindow = 70_000, MaxStreamsOfStrangers = 10, MaxStreams = 20 };

    [ThreadStatic]
    private static RequestHead? t_head;

    private readonly List<Http2Stream> _streams = [];
    private readonly byte[] _output = new byte[4096];
    private long _now;
    private int _failures;

    private Http2Target()
    {
        t_head ??= new RequestHead(_limits.MaxFieldListSize);
        Connection = new Http2Connection(_limits, t_head, this, now: 0);
    }

    private Http2Connection Connection { get; }

    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var piece = input[0] < 128 ? 1 + input[0] : int.MaxValue;
        var target = new Http2Target();
        target.Feed(FrameReader.Preface, int.MaxValue);
        target.Feed(input[1..], piece);
        target.Check();
        target.Connection.Dispose();
    }

    public void OnRequest(Http2Stream stream, RequestHead head, bool hasEnded)
    {
        if (head.Method.IsEmpty || (head.IsConnect && head.Authority.IsEmpty)) throw new InvalidOperationException("A malformed request was told.");
        _streams.Add(stream);
        switch (stream.Id / 2 % 5)
        {
            case 0:
                Connection.Authenticated();
                Connection.Respond(stream, 200, [], endsStream: false);
                Connection.ReadyToSend(stream);
                break;
            case 1:
                Connection.Respond(stream, 407, _fields, endsStream: true);
                Connection.Reset(stream, Http2ErrorCode.NoError);
                break;
            case 2:
                Connection.Reset(stream, Http2ErrorCode.ConnectError);
                break;
            case 3:
                Connection.Respond(stream, 200, _fields, endsStream: false);
                Connection.End(stream);
                break;
        }
    }

    public void OnData(Http2Stream stream, ReadOnlySpan<byte> data)
    {
        if (stream.IsClosed || data.IsEmpty) throw new InvalidOperationException("DATA of a closed stream, or none.");
        if (data[0] % 4 == 0) return;
        if (data[0] == 1) Connection.Reset(stream, Http2ErrorCode.Cancel);
        Connection.Consumed(stream, data.Length, _now);
    }

    public void OnEnd(Http2Stream stream)
    {
        if (!stream.IsRemoteEnded) throw new InvalidOperationException("An end that is none.");
        if (stream.Id % 3 == 0) Connection.End(stream);
    }

    public void OnReset(Http2Stream stream, Http2ErrorCode code, bool byPeer)
    {
        if (!stream.IsClosed || stream.Held != 0) throw new InvalidOperationException("A reset stream that still holds.");
    }

    public void OnGoAway(Http2ErrorCode code) => Connection.BeginDrain();

    public void OnFailure(Http2ErrorCode code)
    {
        if (++_failures > 1) throw new InvalidOperationException("Failed twice.");
    }

    private void Feed(ReadOnlySpan<byte> bytes, int piece)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(piece, bytes.Length)];
            bytes = bytes[part.Length..];
            _now += part.Length % 7 * 100;
            if (!Connection.Receive(part, _now)) return;
            if (Connection.TryNextSender(out var stream, out var max))
            {
                Connection.CommitData(stream, _output, Math.Min(max, 1000), endsStream: stream.Id % 4 == 3);
                if (stream.SendWindow > 20_000) Connection.ReadyToSend(stream);
            }
        }
    }

    private void Check()
    {
        var queued = Connection.QueuedControl;
        var output = new byte[queued];
        if (Connection.TakeControl(output) != queued) throw new InvalidOperationException("Not all of what waits came out.");
        for (var at = 0; at < queued;)
        {
            var header = FrameHeader.Read(output.AsSpan(at));
            at += FrameHeader.Size + header.Length;
            if (at > queued || header.Length > FrameHeader.DefaultMaxLength) throw new InvalidOperationException("A broken frame was written.");
        }

        if (Connection.HasFailed) return;
        if (Connection.HeldBytes != _streams.Sum(s => s.Held)) throw new InvalidOperationException("Held bytes do not add up.");
        foreach (var stream in _streams.Where(s => !s.IsClosed))
        {
            if (stream.Credit + stream.Held + stream.Unreturned != stream.ReceiveWindow) throw new InvalidOperationException("A window does not add up.");
        }

        var grown = _streams.Where(s => !s.IsClosed).Sum(s => s.ReceiveWindow - _limits.StreamWindow);
        if (Connection.GrowthLeft + grown != _limits.MaxGrowth) throw new InvalidOperationException("Growth does not add up.");
    }
}
