using Tunneling.Http2;
using Tunneling.Http2.Frames;

namespace Tunneling.Tests.Http2;

public sealed class FlowControlTests
{
    private static readonly Http2Limits _small = new() { StreamWindow = 16_384, MaxStreamWindow = 65_536, MaxGrowth = 100_000, ConnectionWindow = 131_072 };

    [Fact]
    public void A_stream_that_is_not_read_holds_up_no_other()
    {
        using var peer = Peer.Started(_small);
        peer.Consumes = false;
        for (var id = 1; id <= 99; id += 2) peer.Open(id);
        // Fifty streams fill their windows: six times what the connection's window is.
        var given = 0L;
        for (var id = 1; id <= 99; id += 2)
        {
            Assert.True(peer.Send(new ClientBytes().Data(id, 16_384)));
            given += peer.Sent().Where(f => f.Type == FrameType.WindowUpdate && f.Header.StreamId == 0).Sum(f => f.FirstNumber);
        }

        Assert.InRange(given, (50 * 16_384) - 65_536, 50 * 16_384);
        Assert.Equal(50 * 16_384, peer.Connection.HeldBytes);
    }

    [Fact]
    public void A_streams_window_is_given_back_only_as_its_bytes_go_on()
    {
        using var peer = Peer.Started(_small);
        peer.Consumes = false;
        peer.Send(new ClientBytes().SettingsAck());
        var stream = peer.Open();
        peer.Send(new ClientBytes().Data(1, 16_384));
        Assert.Empty(peer.Sent());
        peer.Now = 1000;
        peer.Connection.Consumed(stream, 8_000, peer.Now);
        Assert.Empty(peer.Sent());
        peer.Connection.Consumed(stream, 4_500, peer.Now);
        Assert.Equal(["WINDOW_UPDATE 1 12500"], peer.Sent().Select(f => f.ToString()));
        Assert.False(peer.Connection.HasFailed);
        peer.Send(new ClientBytes().Data(1, 12_501));
        Assert.Contains("RST_STREAM 1 FlowControlError", peer.Sent().Select(f => f.ToString()));
    }

    /// <summary>RFC 9113, section 6.9.3: it may have sent before it had read the settings; .NET's client does so even after its acknowledgement.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stream_opened_before_the_settings_were_acknowledged_may_use_the_window_that_every_stream_begins_with(bool acknowledgesFirst)
    {
        using var peer = Peer.Started(_small);
        peer.Consumes = false;
        var stream = peer.Open();
        if (acknowledgesFirst) peer.Send(new ClientBytes().SettingsAck());
        for (var sent = 0; sent < 65_535; sent += 13_107) peer.Send(new ClientBytes().Data(1, 13_107));
        Assert.False(stream.IsClosed);
        Assert.Equal(16_384 - 65_535, stream.Credit);
        peer.Connection.Consumed(stream, 65_535, 1000);
        Assert.Equal(16_384, stream.Credit);
        // The same again, and not a byte more.
        for (var sent = 0; sent < 65_535; sent += 13_107) peer.Send(new ClientBytes().Data(1, 13_107));
        Assert.False(stream.IsClosed);
        peer.Send(new ClientBytes().Data(1, 1));
        Assert.Contains("RST_STREAM 1 FlowControlError", peer.Sent().Select(f => f.ToString()));
    }

    [Fact]
    public void A_window_grows_while_it_is_used_up_quickly_and_no_further_than_allowed()
    {
        using var peer = Peer.Started(_small);
        var stream = peer.Open();
        for (var i = 0; i < 100; i++) peer.Send(new ClientBytes().Data(1, 8_192));
        Assert.Equal(65_536, stream.ReceiveWindow);
        Assert.Equal(100_000 - (65_536 - 16_384), peer.Connection.GrowthLeft);
    }

    [Fact]
    public void A_window_stays_while_bytes_come_slowly()
    {
        using var peer = Peer.Started(_small);
        var stream = peer.Open();
        for (var i = 0; i < 20; i++)
        {
            peer.Now += 250;
            peer.Send(new ClientBytes().Data(1, 8_192));
        }

        Assert.Equal(16_384, stream.ReceiveWindow);
    }

    [Fact]
    public void A_window_that_has_grown_shrinks_when_its_bytes_no_longer_go_on()
    {
        using var peer = Peer.Started(_small);
        var stream = peer.Open();
        for (var i = 0; i < 100; i++) peer.Send(new ClientBytes().Data(1, 8_192));
        peer.Consumes = false;
        for (var i = 0; i < 3; i++) peer.Send(new ClientBytes().Data(1, 16_384));
        for (var i = 0; i < 30; i++)
        {
            // Always a third of the window behind.
            peer.Now += 1000;
            peer.Connection.Consumed(stream, 4_096, peer.Now);
            if (stream.Credit >= 4_096 && stream.Held < 24_000) peer.Send(new ClientBytes().Data(1, 4_096));
        }

        Assert.InRange(stream.ReceiveWindow, 16_384, 40_000);
    }

    [Fact]
    public void All_streams_together_grow_by_no_more_than_the_connection_allows()
    {
        using var peer = Peer.Started(_small);
        for (var id = 1; id <= 19; id += 2) peer.Open(id);
        for (var round = 0; round < 20; round++)
        {
            for (var id = 1; id <= 19; id += 2) peer.Send(new ClientBytes().Data(id, 8_192));
        }

        Assert.Equal(0, peer.Connection.GrowthLeft);
        Assert.Equal((10 * 16_384) + 100_000, peer.Streams.Values.Sum(s => s.ReceiveWindow));
        peer.Send(new ClientBytes().Reset(1).Reset(3));
        Assert.Equal(100_000 - peer.Streams.Values.Where(s => !s.IsClosed).Sum(s => s.ReceiveWindow - 16_384), peer.Connection.GrowthLeft);
    }

    [Fact]
    public void A_reset_stream_gives_back_what_it_held()
    {
        using var peer = Peer.Started(_small);
        peer.Consumes = false;
        peer.Open(1);
        peer.Open(3);
        peer.Send(new ClientBytes().Data(1, 10_000).Data(3, 10_000));
        Assert.Equal(20_000, peer.Connection.HeldBytes);
        peer.Connection.Reset(peer[1], Http2ErrorCode.ConnectError);
        Assert.Equal(10_000, peer.Connection.HeldBytes);
        peer.Send(new ClientBytes().Reset(3));
        Assert.Equal(0, peer.Connection.HeldBytes);
        // Too late, and counted once.
        peer.Connection.Consumed(peer[1], 10_000, 0);
        Assert.Equal(0, peer.Connection.HeldBytes);
    }

    [Fact]
    public void A_stranger_holds_no_more_than_the_first_window_of_a_connection()
    {
        using var peer = Peer.Started();
        peer.Consumes = false;
        for (var id = 1; id <= 9; id += 2) peer.Send(new ClientBytes().Headers(id, ClientBytes.Connect()));
        peer.Send(new ClientBytes().Data(1, 16_384).Data(3, 16_384).Data(5, 16_384).Data(7, 16_383));
        Assert.DoesNotContain(peer.Sent(), f => f.Type == FrameType.WindowUpdate);
        Assert.Equal(0, peer.Connection.ConnectionCredit);
        // Its first authenticated stream opens the window, for what is held as well.
        peer.Connection.Authenticated();
        Assert.Contains($"WINDOW_UPDATE 0 {Http2Limits.Default.ConnectionWindow}", peer.Sent().Select(f => f.ToString()));
        Assert.False(peer.Send(new ClientBytes().Data(9, 16_384).Data(9, 16_384).Frame(FrameType.Ping, FrameFlags.None, 1, [])));
        Assert.Equal(Http2ErrorCode.ProtocolError, peer.Connection.Failure);
    }

    [Fact]
    public void A_stranger_that_resets_gets_its_connections_window_back()
    {
        using var peer = Peer.Started();
        peer.Consumes = false;
        for (var i = 0; i < 20; i++)
        {
            var id = 1 + (2 * i);
            Assert.True(peer.Send(new ClientBytes().Headers(id, ClientBytes.Connect()).Data(id, 16_384).Reset(id)));
        }

        Assert.Equal(0, peer.Connection.HeldBytes);
    }

    [Fact]
    public void Padding_counts_and_is_given_back_at_once()
    {
        using var peer = Peer.Started(_small);
        peer.Consumes = false;
        var stream = peer.Open();
        byte[] padded = [100, 1, 2, 3, .. new byte[100]];
        peer.Send(new ClientBytes().Frame(FrameType.Data, FrameFlags.Padded, 1, padded));
        Assert.Equal("1 data 010203", peer.Events[^1]);
        Assert.Equal(3, stream.Held);
        Assert.Equal(16_384 - 104, stream.Credit);
        for (var i = 0; i < 1000; i++) Assert.True(peer.Send(new ClientBytes().Frame(FrameType.Data, FrameFlags.Padded, 1, [255, .. new byte[255]])));
        Assert.Equal(3, stream.Held);
        Assert.False(stream.IsClosed);
    }

    [Fact]
    public void DATA_of_streams_that_are_gone_counts_for_the_connection_and_is_given_back()
    {
        using var peer = Peer.Started(_small);
        peer.Open(1);
        peer.Connection.Reset(peer[1], Http2ErrorCode.ConnectError);
        for (var i = 0; i < 50; i++) Assert.True(peer.Send(new ClientBytes().Data(1, 16_384)));
        Assert.InRange(peer.Connection.ConnectionCredit, 131_072 / 2, 131_072);
    }

    [Fact]
    public void Bytes_of_a_stream_that_ended_in_order_still_count_until_they_go_on()
    {
        using var peer = Peer.Started(_small);
        peer.Consumes = false;
        var stream = peer.Open();
        peer.Send(new ClientBytes().Data(1, 5_000, ends: true));
        peer.Connection.End(stream);
        Assert.True(stream.IsClosed);
        Assert.Equal(5_000, peer.Connection.HeldBytes);
        peer.Connection.Consumed(stream, 5_000, 0);
        Assert.Equal(0, peer.Connection.HeldBytes);
    }
}
