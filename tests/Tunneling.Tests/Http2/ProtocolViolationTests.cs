using Tunneling.Http2.Frames;
using Tunneling.Tests.Http2.Hpack;

namespace Tunneling.Tests.Http2;

/// <summary>One violation of RFC 9113 a line, and the error it must bring: of the connection, or of a stream.</summary>
public sealed class ProtocolViolationTests
{
    private static readonly byte[] _connect = ClientBytes.Connect();

    private static readonly Dictionary<string, (Action<ClientBytes> Send, Http2ErrorCode Code)> _ofConnections = new()
    {
        ["3.4 SETTINGS must come first"] = (c => c.Headers(1, _connect), Http2ErrorCode.ProtocolError),
        ["3.4 an acknowledgement is not what must come first"] = (c => c.Frame(FrameType.Settings, FrameFlags.Ack, 0), Http2ErrorCode.ProtocolError),
        ["4.2 a frame longer than announced"] = (c => Begun(c).Frame(FrameType.Ping, FrameFlags.None, 0, new byte[16_385]), Http2ErrorCode.FrameSizeError),
        ["4.2 HEADERS longer than announced"] = (c => Begun(c).Frame(FrameType.Headers, FrameFlags.EndHeaders, 1, new byte[16_385]), Http2ErrorCode.FrameSizeError),
        ["4.3 a block that is not HPACK"] = (c => Begun(c).Headers(1, [0x80]), Http2ErrorCode.CompressionError),
        ["4.3 trailers that are not HPACK"] = (c => Begun(c).Headers(1, _connect).Headers(1, [0xff]), Http2ErrorCode.CompressionError),
        ["4.3 HPACK is checked for refused streams too"] = (c => Begun(c).Headers(1, new BlockWriter().Literal("UPPER", "x").Raw(0x80).ToArray()), Http2ErrorCode.CompressionError),
        ["5.1 DATA on an idle stream"] = (c => Begun(c).Data(1, 1), Http2ErrorCode.ProtocolError),
        ["5.1 RST_STREAM on an idle stream"] = (c => Begun(c).Reset(1), Http2ErrorCode.ProtocolError),
        ["5.1 WINDOW_UPDATE on an idle stream"] = (c => Begun(c).WindowUpdate(1, 1), Http2ErrorCode.ProtocolError),
        ["5.1 CONTINUATION on an idle stream"] = (c => Begun(c).Frame(FrameType.Continuation, FrameFlags.EndHeaders, 1, _connect), Http2ErrorCode.ProtocolError),
        ["5.1 HEADERS on a closed stream"] = (c => Begun(c).Headers(1, _connect).Reset(1).Headers(1, _connect), Http2ErrorCode.StreamClosed),
        ["5.1.1 an even stream"] = (c => Begun(c).Headers(2, _connect), Http2ErrorCode.ProtocolError),
        ["5.1.1 a stream below one that was opened"] = (c => Begun(c).Headers(5, _connect).Headers(3, _connect), Http2ErrorCode.StreamClosed),
        ["6.1 DATA on stream 0"] = (c => Begun(c).Data(0, 1), Http2ErrorCode.ProtocolError),
        ["6.1 DATA on an even stream"] = (c => Begun(c).Headers(5, _connect).Data(2, 1), Http2ErrorCode.ProtocolError),
        ["6.1 padding as long as DATA"] = (c => Begun(c).Headers(1, _connect).Frame(FrameType.Data, FrameFlags.Padded, 1, [3, 0, 0]), Http2ErrorCode.ProtocolError),
        ["6.1 padded DATA without a length"] = (c => Begun(c).Headers(1, _connect).Frame(FrameType.Data, FrameFlags.Padded, 1), Http2ErrorCode.FrameSizeError),
        ["6.2 HEADERS on stream 0"] = (c => Begun(c).Headers(0, _connect), Http2ErrorCode.ProtocolError),
        ["6.2 padding longer than the block"] = (c => Begun(c).Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.Padded, 1, [9, .. new byte[4]]), Http2ErrorCode.ProtocolError),
        ["6.2 padded HEADERS without a length"] = (c => Begun(c).Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.Padded, 1), Http2ErrorCode.FrameSizeError),
        ["6.2 a priority cut short"] = (c => Begun(c).Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.Priority, 1, new byte[4]), Http2ErrorCode.FrameSizeError),
        ["6.2 another frame inside a block"] = (c => Begun(c).Headers(1, _connect, endsBlock: false).Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8]), Http2ErrorCode.ProtocolError),
        ["6.2 a frame of an unknown type inside a block"] = (c => Begun(c).Headers(1, _connect, endsBlock: false).Frame(0x42, 0, 0, []), Http2ErrorCode.ProtocolError),
        ["6.2 HEADERS inside a block"] = (c => Begun(c).Headers(1, _connect, endsBlock: false).Headers(3, _connect), Http2ErrorCode.ProtocolError),
        ["6.3 PRIORITY on stream 0"] = (c => Begun(c).Frame(FrameType.Priority, FrameFlags.None, 0, new byte[5]), Http2ErrorCode.ProtocolError),
        ["6.3 PRIORITY of a wrong size on an idle stream"] = (c => Begun(c).Frame(FrameType.Priority, FrameFlags.None, 1, new byte[4]), Http2ErrorCode.FrameSizeError),
        ["6.4 RST_STREAM on stream 0"] = (c => Begun(c).Reset(0), Http2ErrorCode.ProtocolError),
        ["6.4 RST_STREAM of a wrong size"] = (c => Begun(c).Headers(1, _connect).Frame(FrameType.RstStream, FrameFlags.None, 1, new byte[3]), Http2ErrorCode.FrameSizeError),
        ["6.5 SETTINGS on a stream"] = (c => Begun(c).Frame(FrameType.Settings, FrameFlags.None, 1), Http2ErrorCode.ProtocolError),
        ["6.5 an acknowledgement with a payload"] = (c => Begun(c).Frame(FrameType.Settings, FrameFlags.Ack, 0, new byte[6]), Http2ErrorCode.FrameSizeError),
        ["6.5 SETTINGS that are not whole"] = (c => Begun(c).Frame(FrameType.Settings, FrameFlags.None, 0, new byte[3]), Http2ErrorCode.FrameSizeError),
        ["6.5.2 ENABLE_PUSH of 2"] = (c => Begun(c).Settings((2, 2)), Http2ErrorCode.ProtocolError),
        ["6.5.2 INITIAL_WINDOW_SIZE of 2^31"] = (c => Begun(c).Settings((4, 1u << 31)), Http2ErrorCode.FlowControlError),
        ["6.5.2 MAX_FRAME_SIZE below 2^14"] = (c => Begun(c).Settings((5, 16_383)), Http2ErrorCode.ProtocolError),
        ["6.5.2 MAX_FRAME_SIZE above 2^24-1"] = (c => Begun(c).Settings((5, 1 << 24)), Http2ErrorCode.ProtocolError),
        ["8441 3 ENABLE_CONNECT_PROTOCOL of 2"] = (c => Begun(c).Settings((8, 2)), Http2ErrorCode.ProtocolError),
        ["6.6 PUSH_PROMISE"] = (c => Begun(c).Headers(1, _connect).Frame(FrameType.PushPromise, FrameFlags.EndHeaders, 1, new byte[4]), Http2ErrorCode.ProtocolError),
        ["6.7 PING on a stream"] = (c => Begun(c).Frame(FrameType.Ping, FrameFlags.None, 1, new byte[8]), Http2ErrorCode.ProtocolError),
        ["6.7 PING of a wrong size"] = (c => Begun(c).Frame(FrameType.Ping, FrameFlags.None, 0, new byte[7]), Http2ErrorCode.FrameSizeError),
        ["6.8 GOAWAY on a stream"] = (c => Begun(c).Frame(FrameType.GoAway, FrameFlags.None, 1, new byte[8]), Http2ErrorCode.ProtocolError),
        ["6.8 GOAWAY cut short"] = (c => Begun(c).Frame(FrameType.GoAway, FrameFlags.None, 0, new byte[7]), Http2ErrorCode.FrameSizeError),
        ["6.9 WINDOW_UPDATE of 0 on the connection"] = (c => Begun(c).WindowUpdate(0, 0), Http2ErrorCode.ProtocolError),
        ["6.9 WINDOW_UPDATE of a wrong size"] = (c => Begun(c).Frame(FrameType.WindowUpdate, FrameFlags.None, 0, new byte[3]), Http2ErrorCode.FrameSizeError),
        ["6.9.1 a connection's window above 2^31-1"] = (c => Begun(c).WindowUpdate(0, int.MaxValue), Http2ErrorCode.FlowControlError),
        ["6.9.1 more DATA than the connection's window"] = (c => Flood(Begun(c)), Http2ErrorCode.FlowControlError),
        ["6.9.2 settings that take a window above 2^31-1"] = (c => Begun(c).Headers(1, _connect).WindowUpdate(1, int.MaxValue - 65_535).Settings((4, 65_536)), Http2ErrorCode.FlowControlError),
        ["6.10 CONTINUATION without HEADERS"] = (c => Begun(c).Headers(1, _connect).Frame(FrameType.Continuation, FrameFlags.EndHeaders, 1, _connect), Http2ErrorCode.ProtocolError),
        ["6.10 CONTINUATION on another stream"] = (c => Begun(c).Headers(1, _connect, endsBlock: false).Frame(FrameType.Continuation, FrameFlags.EndHeaders, 3, _connect), Http2ErrorCode.ProtocolError),
        ["6.10 CONTINUATION after the block's end"] = (c => Begun(c).Headers(1, _connect, endsBlock: false).Frame(FrameType.Continuation, FrameFlags.EndHeaders, 1).Frame(FrameType.Continuation, FrameFlags.EndHeaders, 1), Http2ErrorCode.ProtocolError),
    };

    private static readonly Dictionary<string, (Action<ClientBytes> Send, Http2ErrorCode Code)> _ofStreams = new()
    {
        ["5.1 DATA after END_STREAM"] = (c => c.Headers(1, _connect, ends: true).Data(1, 1), Http2ErrorCode.StreamClosed),
        ["5.1 HEADERS after END_STREAM"] = (c => c.Headers(1, _connect, ends: true).Headers(1, _connect), Http2ErrorCode.StreamClosed),
        ["5.1 DATA on a stream the client has reset"] = (c => c.Headers(1, _connect).Reset(1).Data(1, 1), Http2ErrorCode.StreamClosed),
        ["6.3 PRIORITY of a wrong size"] = (c => c.Headers(1, _connect).Frame(FrameType.Priority, FrameFlags.None, 1, new byte[4]), Http2ErrorCode.FrameSizeError),
        ["6.9 WINDOW_UPDATE of 0"] = (c => c.Headers(1, _connect).WindowUpdate(1, 0), Http2ErrorCode.ProtocolError),
        ["6.9.1 a window above 2^31-1"] = (c => c.Headers(1, _connect).WindowUpdate(1, int.MaxValue), Http2ErrorCode.FlowControlError),
        ["6.9.1 more DATA than the stream's window"] = (c => c.SettingsAck().Headers(1, _connect).Data(1, 16_384).Data(1, 16_384).Data(1, 1), Http2ErrorCode.FlowControlError),
        ["8.1 HEADERS amid a tunnel"] = (c => c.Headers(1, _connect).Headers(1, new BlockWriter().Literal("x", "y").ToArray()), Http2ErrorCode.ProtocolError),
        ["8.1 trailers of a tunnel"] = (c => c.Headers(1, _connect).Headers(1, new BlockWriter().Literal("x", "y").ToArray(), ends: true), Http2ErrorCode.ProtocolError),
        ["8.1 trailers that do not end the stream"] = (c => c.Headers(1, ClientBytes.Get()).Headers(1, new BlockWriter().Literal("x", "y").ToArray()), Http2ErrorCode.ProtocolError),
        ["8.1 a pseudo-header field in trailers"] = (c => c.Headers(1, ClientBytes.Get()).Headers(1, new BlockWriter().Indexed(2).ToArray(), ends: true), Http2ErrorCode.ProtocolError),
        ["8.1.1 less DATA than content-length"] = (c => c.Headers(1, WithLength("3")).Data(1, 2, ends: true), Http2ErrorCode.ProtocolError),
        ["8.1.1 more DATA than content-length"] = (c => c.Headers(1, WithLength("3")).Data(1, 4), Http2ErrorCode.ProtocolError),
        ["8.1.1 a content-length and no DATA"] = (c => c.Headers(1, WithLength("3"), ends: true), Http2ErrorCode.ProtocolError),
    };

    public static TheoryData<string> OfConnections => [.. _ofConnections.Keys];

    public static TheoryData<string> OfStreams => [.. _ofStreams.Keys];

    [Theory]
    [MemberData(nameof(OfConnections))]
    public void A_connection_that_breaks_a_rule_ends_with_its_error(string rule)
    {
        using var peer = new Peer();
        peer.Consumes = false;
        var (send, code) = _ofConnections[rule];
        var bytes = new ClientBytes().Raw(FrameReader.Preface);
        send(bytes);
        Assert.False(peer.Send(bytes));
        Assert.True(peer.Connection.HasFailed);
        Assert.Equal(code, peer.Connection.Failure);
        Assert.Equal($"failure {code}", peer.Events[^1]);
        var last = peer.Sent()[^1];
        Assert.Equal(FrameType.GoAway, last.Type);
        Assert.EndsWith($" {code}", last.ToString(), StringComparison.Ordinal);
        // Nothing more is taken in.
        Assert.False(peer.Send(new ClientBytes().Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8])));
        Assert.Empty(peer.Sent());
    }

    [Theory]
    [MemberData(nameof(OfStreams))]
    public void A_stream_that_breaks_a_rule_is_reset_with_its_error_and_others_go_on(string rule)
    {
        using var peer = Peer.Started();
        peer.Consumes = false;
        var (send, code) = _ofStreams[rule];
        var bytes = new ClientBytes();
        send(bytes);
        Assert.True(peer.Send(bytes));
        Assert.Contains($"RST_STREAM 1 {code}", peer.Sent().Select(f => f.ToString()));
        Assert.True(peer.Send(new ClientBytes().Headers(3, _connect)));
        Assert.Equal("3 CONNECT destination.example:443", peer.Events[^1]);
        Assert.Equal(1, peer.Connection.StreamCount);
    }

    [Fact]
    public void A_wrong_preface_ends_the_connection_at_its_first_wrong_byte()
    {
        using var peer = new Peer();
        Assert.True(peer.Send("PRI * HTTP/2.0\r\n\r\n"u8));
        Assert.False(peer.Send("XX"u8));
        Assert.Equal(Http2ErrorCode.ProtocolError, peer.Connection.Failure);
    }

    [Fact]
    public void Frames_for_a_stream_that_was_reset_a_moment_ago_are_let_pass()
    {
        using var peer = Peer.Started();
        peer.Open();
        peer.Connection.Reset(peer[1], Http2ErrorCode.ConnectError);
        peer.Sent();
        Assert.True(peer.Send(new ClientBytes().Data(1, 100).WindowUpdate(1, 5).Headers(1, new BlockWriter().Literal("x", "y").ToArray(), ends: true).Reset(1)));
        Assert.Empty(peer.Sent());
    }

    [Fact]
    public void Unknown_frames_and_settings_are_ignored()
    {
        using var peer = Peer.Started();
        Assert.True(peer.Send(new ClientBytes().Frame(0x42, 0xff, 7, new byte[300]).Frame(0x10, 0, 0, new byte[5]).Settings((0x99, 7)).Frame(FrameType.Priority, FrameFlags.None, 99, new byte[5])));
        Assert.Equal(["Settings 0 0 1"], peer.Sent().Select(f => f.ToString()));
    }

    private static ClientBytes Begun(ClientBytes client) => client.Settings();

    private static ClientBytes Flood(ClientBytes client)
    {
        client.Headers(1, _connect).Headers(3, _connect).Headers(5, _connect);
        for (var i = 0; i < 5; i++) client.Data(1 + (i / 2 * 2), 16_384);
        return client;
    }

    private static byte[] WithLength(string length) =>
        new BlockWriter().Indexed(3).Indexed(7).Literal(1, "proxy.example").Indexed(4).Literal(28, length).ToArray();
}
