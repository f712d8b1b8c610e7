using Tunneling.Http2.Frames;
using Tunneling.Tests.Http2.Hpack;

namespace Tunneling.Tests.Http2;

public sealed class SendingTests
{
    [Fact]
    public void The_servers_settings_come_first_and_announce_extended_CONNECT()
    {
        using var peer = new Peer();
        var settings = Assert.Single(peer.Sent());
        Assert.Equal(FrameType.Settings, settings.Type);
        Assert.Equal("000300000064" + "000400008000" + "000600008000" + "000800000001", Convert.ToHexString(settings.Payload));
    }

    [Fact]
    public void Settings_and_PING_are_acknowledged()
    {
        using var peer = Peer.Started();
        peer.Send(new ClientBytes().Settings((3, 1)).Frame(FrameType.Ping, FrameFlags.None, 0, [1, 2, 3, 4, 5, 6, 7, 8]));
        var sent = peer.Sent();
        Assert.Equal(["Settings 0 0 1", "Ping 0 8 1"], sent.Select(f => f.ToString()));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], sent[1].Payload);
    }

    [Fact]
    public void An_answer_is_a_block_that_any_decoder_reads()
    {
        using var peer = Peer.Started();
        peer.Send(new ClientBytes().Headers(1, ClientBytes.Connect()));
        peer.Connection.Respond(peer[1], 407, [new("Proxy-Authenticate", "PrivateToken challenge=\"x\""), new("Content-Length", "0")], endsStream: true);
        var sent = Assert.Single(peer.Sent());
        Assert.Equal(FrameFlags.EndHeaders | FrameFlags.EndStream, sent.Header.Flags);
        Assert.Equal([":status: 407", "proxy-authenticate: PrivateToken challenge=\"x\"", "content-length: 0"], FieldText.Decode(new(), sent.Payload));
    }

    [Fact]
    public void A_table_that_the_client_lowered_is_given_up_in_the_next_block_and_only_there()
    {
        using var peer = Peer.Started();
        peer.Send(new ClientBytes().Settings((1, 0)).Headers(1, ClientBytes.Connect()).Headers(3, ClientBytes.Connect()));
        peer.Sent();
        peer.Connection.Respond(peer[1], 200, [], endsStream: false);
        peer.Connection.Respond(peer[3], 200, [], endsStream: false);
        peer.Send(new ClientBytes().Settings((1, 0)).Headers(5, ClientBytes.Connect()));
        peer.Connection.Respond(peer[5], 200, [], endsStream: false);
        var blocks = peer.Sent().Where(f => f.Type == FrameType.Headers).Select(f => Convert.ToHexString(f.Payload));
        Assert.Equal(["2088", "88", "88"], blocks);
    }

    [Fact]
    public void An_answer_too_long_for_a_frame_goes_on_in_CONTINUATION()
    {
        using var peer = Peer.Started();
        peer.Send(new ClientBytes().Headers(1, ClientBytes.Get()));
        var value = new string('v', 40_000);
        peer.Connection.Respond(peer[1], 200, [new("x", value)], endsStream: true);
        var sent = peer.Sent();
        Assert.Equal([FrameType.Headers, FrameType.Continuation, FrameType.Continuation], sent.Select(f => f.Type));
        Assert.Equal([FrameFlags.EndStream, FrameFlags.None, FrameFlags.EndHeaders], sent.Select(f => f.Header.Flags));
        Assert.All(sent, f => Assert.InRange(f.Header.Length, 1, 16_384));
        Assert.Equal([":status: 200", $"x: {value}"], FieldText.Decode(new(), [.. sent.SelectMany(f => f.Payload)]));
    }

    [Fact]
    public void DATA_is_laid_out_in_frames_of_16_KiB()
    {
        using var peer = Peer.Started();
        var stream = peer.Open();
        peer.Connection.ReadyToSend(stream);
        Assert.True(peer.Connection.TryNextSender(out var next, out var max));
        Assert.Same(stream, next);
        Assert.Equal(65_535, max);
        var payload = new byte[40_000];
        new Random(1).NextBytes(payload);
        var output = new byte[DataFrames.LengthOf(payload.Length, 16_384)];
        Assert.Equal(payload.Length, DataFrames.PayloadIn(output.Length, 16_384));
        DataFrames.CopyPayload(payload, output, 16_384);
        Assert.Equal(output.Length, peer.Connection.CommitData(stream, output, payload.Length, endsStream: true));
        var frames = SentFrame.Parse(output);
        Assert.Equal(["Data 1 16384 0", "Data 1 16384 0", "Data 1 7232 1"], frames.Select(f => f.ToString()));
        Assert.Equal(payload, frames.SelectMany(f => f.Payload));
        Assert.Equal(65_535 - 40_000, peer.Connection.SendWindow);
        Assert.True(stream.IsLocalEnded);
    }

    [Fact]
    public void Any_room_fits_the_payload_that_it_says()
    {
        for (var space = 0; space < 70_000; space += 7)
        {
            var payload = DataFrames.PayloadIn(space, 16_384);
            Assert.InRange(DataFrames.LengthOf(payload, 16_384), 0, space);
            Assert.True(DataFrames.LengthOf(payload + 1, 16_384) > space);
        }
    }

    [Fact]
    public void Streams_take_turns()
    {
        using var peer = Peer.Started();
        foreach (var id in new[] { 1, 3, 5 }) peer.Connection.ReadyToSend(peer.Open(id));
        var turns = new List<int>();
        var output = new byte[1024];
        for (var i = 0; i < 9; i++)
        {
            Assert.True(peer.Connection.TryNextSender(out var stream, out _));
            turns.Add(stream.Id);
            peer.Connection.CommitData(stream, output, 100, endsStream: false);
            peer.Connection.ReadyToSend(stream);
            // Saying so twice brings no second turn.
            peer.Connection.ReadyToSend(stream);
        }

        Assert.Equal([1, 3, 5, 1, 3, 5, 1, 3, 5], turns);
    }

    [Fact]
    public void A_stream_without_a_window_waits_for_it_and_lets_others_pass()
    {
        using var peer = Peer.Started();
        peer.Send(new ClientBytes().Settings((4, 0)));
        var first = peer.Open(1);
        var second = peer.Open(3);
        peer.Send(new ClientBytes().WindowUpdate(3, 10));
        peer.Connection.ReadyToSend(first);
        peer.Connection.ReadyToSend(second);
        Assert.True(peer.Connection.TryNextSender(out var next, out var max));
        Assert.Equal((3, 10), (next.Id, max));
        Assert.False(peer.Connection.TryNextSender(out _, out _));
        Assert.False(peer.Connection.HasOutput);
        peer.Send(new ClientBytes().Settings((4, 20)));
        peer.Sent();
        Assert.True(peer.Connection.HasOutput);
        Assert.True(peer.Connection.TryNextSender(out next, out max));
        Assert.Equal((1, 20), (next.Id, max));
    }

    [Fact]
    public void A_window_below_zero_must_be_filled_first()
    {
        using var peer = Peer.Started();
        var stream = peer.Open();
        peer.Connection.CommitData(stream, new byte[2000], 1000, endsStream: false);
        peer.Send(new ClientBytes().Settings((4, 400)));
        Assert.Equal(-600, stream.SendWindow);
        peer.Connection.ReadyToSend(stream);
        peer.Send(new ClientBytes().WindowUpdate(1, 600));
        Assert.False(peer.Connection.TryNextSender(out _, out _));
        peer.Send(new ClientBytes().WindowUpdate(1, 1));
        Assert.True(peer.Connection.TryNextSender(out _, out var max));
        Assert.Equal(1, max);
    }

    [Fact]
    public void Nothing_is_sent_without_the_connections_window()
    {
        using var peer = Peer.Started();
        var stream = peer.Open();
        peer.Send(new ClientBytes().WindowUpdate(1, 1_000_000));
        peer.Connection.CommitData(stream, new byte[70_000], 65_535, endsStream: false);
        peer.Connection.ReadyToSend(stream);
        Assert.False(peer.Connection.HasOutput);
        Assert.Throws<ArgumentOutOfRangeException>(() => peer.Connection.CommitData(stream, new byte[10], 1, endsStream: false));
        peer.Send(new ClientBytes().WindowUpdate(0, 5));
        Assert.True(peer.Connection.TryNextSender(out _, out var max));
        Assert.Equal(5, max);
    }

    [Fact]
    public void Either_side_may_end_first()
    {
        using var peer = Peer.Started();
        var first = peer.Open(1);
        peer.Connection.End(first);
        Assert.Equal(["Data 1 0 1"], peer.Sent().Select(f => f.ToString()));
        Assert.True(peer.Send(new ClientBytes().Data(1, [7]).Data(1, [], ends: true)));
        Assert.Equal(["1 data 07", "1 end"], peer.Events[^2..]);
        Assert.True(first.IsClosed);

        var second = peer.Open(3);
        peer.Send(new ClientBytes().Data(3, [], ends: true));
        Assert.False(second.IsClosed);
        peer.Connection.CommitData(second, new byte[100], 50, endsStream: false);
        peer.Connection.End(second);
        Assert.True(second.IsClosed);
        Assert.Equal(0, peer.Connection.StreamCount);
    }

    [Fact]
    public void A_refused_request_whose_client_goes_on_is_closed_without_an_error()
    {
        using var peer = Peer.Started();
        peer.Send(new ClientBytes().Headers(1, ClientBytes.Connect()));
        peer.Connection.Respond(peer[1], 407, [], endsStream: true);
        peer.Connection.Reset(peer[1], Http2ErrorCode.NoError);
        Assert.Equal(["Headers 1 5 5", "RST_STREAM 1 NoError"], peer.Sent().Select(f => f.ToString()));
        Assert.True(peer.Send(new ClientBytes().Data(1, 100, ends: true)));
        Assert.Empty(peer.Sent());
    }

    [Fact]
    public void Waiting_frames_leave_in_whatever_pieces_fit()
    {
        using var peer = Peer.Started();
        for (var i = 0; i < 10; i++) peer.Send(new ClientBytes().Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8]));
        var all = new List<byte>();
        var piece = new byte[7];
        while (peer.Connection.QueuedControl > 0) all.AddRange(piece[..peer.Connection.TakeControl(piece)]);
        Assert.Equal(10, SentFrame.Parse(all.ToArray()).Count);
    }
}
