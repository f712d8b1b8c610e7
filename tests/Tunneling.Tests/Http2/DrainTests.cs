using Tunneling.Http2.Frames;

namespace Tunneling.Tests.Http2;

public sealed class DrainTests
{
    [Fact]
    public void Draining_loses_no_stream_that_is_under_way()
    {
        using var peer = Peer.Started();
        var tunnel = peer.Open(1);
        peer.Connection.BeginDrain();
        var sent = peer.Sent();
        Assert.Equal(["GOAWAY 2147483647 NoError", "Ping 0 8 0"], sent.Select(f => f.ToString()));
        // Sent before the client had read it: served.
        peer.Send(new ClientBytes().Headers(3, ClientBytes.Connect()));
        Assert.Equal("3 CONNECT destination.example:443", peer.Events[^1]);
        peer.Send(new ClientBytes().Frame(FrameType.Ping, FrameFlags.Ack, 0, sent[1].Payload));
        Assert.Equal(["GOAWAY 3 NoError"], peer.Sent().Select(f => f.ToString()));
        // After that it is as if it had never been sent.
        Assert.True(peer.Send(new ClientBytes().Headers(5, ClientBytes.Connect()).Data(5, 100)));
        Assert.Empty(peer.Sent());
        Assert.Equal(2, peer.Connection.StreamCount);
        Assert.False(peer.Connection.IsDrained);
        peer.Connection.Reset(peer[3], Http2ErrorCode.Cancel);
        peer.Connection.End(tunnel);
        peer.Send(new ClientBytes().Data(1, [], ends: true));
        Assert.True(peer.Connection.IsDrained);
    }

    [Fact]
    public void A_client_that_answers_no_PING_gets_the_last_GOAWAY_all_the_same()
    {
        using var peer = Peer.Started();
        peer.Connection.BeginDrain();
        peer.Sent();
        peer.Connection.FinishDrain();
        peer.Connection.FinishDrain();
        Assert.Equal(["GOAWAY 0 NoError"], peer.Sent().Select(f => f.ToString()));
        Assert.True(peer.Connection.IsDrained);
    }

    [Fact]
    public void A_clients_GOAWAY_is_told_and_its_streams_go_on()
    {
        using var peer = Peer.Started();
        peer.Open();
        Assert.True(peer.Send(new ClientBytes().Frame(FrameType.GoAway, FrameFlags.None, 0, [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]).Data(1, [5])));
        Assert.Equal(["goaway NoError", "1 data 05"], peer.Events[^2..]);
    }

    [Fact]
    public void Streams_above_the_limit_are_refused_and_the_limit_rises_with_the_first_authenticated_one()
    {
        using var peer = Peer.Started(new() { MaxStreamsOfStrangers = 2, MaxStreams = 3 });
        peer.Send(new ClientBytes().Headers(1, ClientBytes.Connect()).Headers(3, ClientBytes.Connect()).Headers(5, ClientBytes.Connect()));
        Assert.Equal(["RST_STREAM 5 RefusedStream"], peer.Sent().Select(f => f.ToString()));
        peer.Connection.Authenticated();
        var sent = peer.Sent();
        Assert.Equal("000300000003", Convert.ToHexString(sent[0].Payload));
        Assert.True(peer.Send(new ClientBytes().Headers(7, ClientBytes.Connect()).Headers(9, ClientBytes.Connect())));
        Assert.Equal(["RST_STREAM 9 RefusedStream"], peer.Sent().Select(f => f.ToString()));
        peer.Send(new ClientBytes().Reset(1).Headers(11, ClientBytes.Connect()));
        Assert.Equal("11 CONNECT destination.example:443", peer.Events[^1]);
    }
}
