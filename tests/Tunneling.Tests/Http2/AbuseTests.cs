using Tunneling.Http2.Frames;
using Tunneling.Tests.Http2.Hpack;

namespace Tunneling.Tests.Http2;

/// <summary>Floods end with ENHANCE_YOUR_CALM, soon for strangers; what looks alike and is honest goes on.</summary>
public sealed class AbuseTests
{
    private static readonly Dictionary<string, (Action<ClientBytes, int> Send, int AtMost)> _floods = new()
    {
        ["rapid reset"] = ((c, i) => c.Headers(3 + (2 * i), ClientBytes.Connect()).Reset(3 + (2 * i)), 200),
        ["requests that are malformed"] = ((c, i) => c.Headers(3 + (2 * i), new BlockWriter().Indexed(2).ToArray()), 200),
        ["requests that are too large"] = ((c, i) => c.Headers(3 + (2 * i), Bomb(i)), 100),
        ["requests beyond the limit of streams"] = ((c, i) => c.Headers(3 + (2 * i), ClientBytes.Connect()), 400),
        ["CONTINUATION without bytes"] = ((c, i) => c.Frame(i == 0 ? FrameType.Headers : FrameType.Continuation, FrameFlags.None, 3), 200),
        ["CONTINUATION without end"] = ((c, i) => c.Frame(i == 0 ? FrameType.Headers : FrameType.Continuation, FrameFlags.None, 3, [0x82]), 300),
        ["SETTINGS"] = ((c, _) => c.Settings((4, 65_535)), 300),
        ["SETTINGS that are acknowledged"] = ((c, _) => c.Frame(FrameType.Settings, FrameFlags.Ack, 0), 1200),
        ["PING"] = ((c, _) => c.Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8]), 600),
        ["PING that is acknowledged"] = ((c, _) => c.Frame(FrameType.Ping, FrameFlags.Ack, 0, new byte[8]), 1200),
        ["DATA without data"] = ((c, _) => c.Data(1, 0), 600),
        ["DATA of one byte"] = ((c, _) => c.Data(1, 1), 1200),
        ["DATA of padding"] = ((c, _) => c.Frame(FrameType.Data, FrameFlags.Padded, 1, [3, 0, 0, 0]), 600),
        ["windows of the connection"] = ((c, _) => c.WindowUpdate(0, 1), 1200),
        ["windows of a stream"] = ((c, _) => c.WindowUpdate(1, 1), 1200),
        ["windows of streams that are gone"] = ((c, i) => (i == 0 ? c.Headers(3, ClientBytes.Connect()).Reset(3) : c).WindowUpdate(3, 1), 1200),
        ["PRIORITY"] = ((c, i) => c.Frame(FrameType.Priority, FrameFlags.None, 1001 + (2 * i), new byte[5]), 1200),
        ["frames of unknown types"] = ((c, _) => c.Frame(0x42, 0, 0, []), 1200),
        ["RST_STREAM of streams that are gone"] = ((c, i) => (i == 0 ? c.Headers(3, ClientBytes.Connect()) : c).Reset(3), 1200),
        ["DATA of streams that are gone"] = ((c, i) => (i == 0 ? c.Headers(3, ClientBytes.Connect()).Reset(3) : c).Data(3, 20), 1200),
        ["GOAWAY"] = ((c, _) => c.Frame(FrameType.GoAway, FrameFlags.None, 0, new byte[8]), 300),
    };

    public static TheoryData<string> Floods => [.. _floods.Keys];

    [Theory]
    [MemberData(nameof(Floods))]
    public void A_strangers_flood_is_ended(string kind)
    {
        using var peer = Peer.Started();
        peer.Open(1, authenticated: false);
        var (send, atMost) = _floods[kind];
        var count = 0;
        var alive = true;
        while (alive && count <= atMost)
        {
            var bytes = new ClientBytes();
            send(bytes, count++);
            alive = peer.Send(bytes);
            if (alive) peer.Sent();
        }

        Assert.False(alive, $"still going on after {count}");
        Assert.Equal(Http2ErrorCode.EnhanceYourCalm, peer.Connection.Failure);
        // Not at the first sign either.
        Assert.InRange(count, 20, atMost);
    }

    [Theory]
    [MemberData(nameof(Floods))]
    public void An_authenticated_clients_flood_is_ended_later(string kind)
    {
        using var peer = Peer.Started(new() { MaxFieldListSize = 1_000_000 });
        peer.Open(1);
        var (send, atMost) = _floods[kind];
        var isBomb = kind == "requests that are too large";
        for (var i = 0; i < 40_000; i++)
        {
            var bytes = new ClientBytes();
            send(bytes, i);
            var alive = peer.Send(bytes);
            if (alive) peer.Sent();
            if (isBomb && i == 300) return;
            if (alive) continue;
            Assert.Equal(Http2ErrorCode.EnhanceYourCalm, peer.Connection.Failure);
            Assert.True(i > atMost * 2, $"ended after {i}");
            return;
        }

        Assert.Fail("never ended");
    }

    [Fact]
    public void Time_brings_points_back()
    {
        using var peer = Peer.Started();
        for (var i = 0; i < 2000; i++)
        {
            peer.Now += 1000;
            Assert.True(peer.Send(new ClientBytes().Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8]).Settings()));
            peer.Sent();
        }
    }

    [Fact]
    public void A_client_may_open_the_window_for_every_frame_it_gets_and_PING_too()
    {
        using var peer = Peer.Started();
        var stream = peer.Open();
        var output = new byte[100];
        for (var i = 0; i < 100_000; i++)
        {
            peer.Connection.CommitData(stream, output, 1, endsStream: false);
            Assert.True(peer.Send(new ClientBytes().WindowUpdate(0, 1).WindowUpdate(1, 1).Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8])));
            peer.Sent();
        }
    }

    [Fact]
    public void Tunnels_that_were_answered_may_be_reset_as_fast_as_they_are_opened()
    {
        using var peer = Peer.Started();
        for (var id = 1; id < 40_000; id += 2)
        {
            peer.Open(id);
            Assert.True(peer.Send(new ClientBytes().Data(id, 20).Reset(id)));
            peer.Sent();
        }
    }

    [Fact]
    public void A_list_that_names_one_entry_many_times_costs_what_its_bytes_cost()
    {
        using var peer = Peer.Started();
        var writer = new BlockWriter().Literal("x", new string('x', 3900), 0x40);
        for (var i = 0; i < 12_000; i++) writer.Indexed(62);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(peer.Send(new ClientBytes().Headers(1, writer.ToArray())));
        // 47 MB in a list that would be kept.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Equal("RST_STREAM 1 NoError", peer.Sent()[^1].ToString());
    }

    [Fact]
    public void A_block_longer_than_the_limit_ends_the_connection_before_it_is_held()
    {
        using var peer = Peer.Started();
        var bytes = new ClientBytes().Frame(FrameType.Headers, FrameFlags.None, 1, new byte[16_384]).Frame(FrameType.Continuation, FrameFlags.None, 1, new byte[16_384]).Frame(FrameType.Continuation, FrameFlags.None, 1, [1]);
        Assert.False(peer.Send(bytes));
        Assert.Equal(Http2ErrorCode.EnhanceYourCalm, peer.Connection.Failure);
    }

    [Fact]
    public void Answers_to_a_client_that_does_not_read_have_an_end()
    {
        using var peer = Peer.Started(new() { AllowanceOfStrangers = new(1_000_000, 0), MaxQueuedControlOfStrangers = 10_000 });
        var alive = true;
        for (var i = 0; i < 2000 && alive; i++) alive = peer.Send(new ClientBytes().Frame(FrameType.Ping, FrameFlags.None, 0, new byte[8]));
        Assert.False(alive);
        Assert.Equal(Http2ErrorCode.EnhanceYourCalm, peer.Connection.Failure);
        Assert.InRange(peer.Connection.QueuedControl, 10_000, 10_100);
    }

    [Fact]
    public void New_streams_are_refused_while_answers_wait()
    {
        using var peer = Peer.Started(new() { MaxQueuedControlOfStrangers = 10_000 });
        var (name, value) = ("proxy-authenticate", new string('c', 1000));
        peer.OnRequest = (stream, _) =>
        {
            peer.Connection.Respond(stream, 407, [new(name, value)], endsStream: true);
            peer.Connection.Reset(stream, Http2ErrorCode.NoError);
        };
        var bytes = new ClientBytes();
        for (var id = 1; id < 40; id += 2) bytes.Headers(id, ClientBytes.Connect());
        Assert.True(peer.Send(bytes));
        Assert.InRange(peer.Connection.QueuedControl, 5_000, 7_000);
        Assert.Contains("RST_STREAM 39 RefusedStream", peer.Sent().Select(f => f.ToString()));
    }

    [Fact]
    public void A_drip_of_single_bytes_is_ended()
    {
        using var peer = Peer.Started();
        var bytes = new ClientBytes().Headers(1, new BlockWriter().Literal(2, "CONNECT").Literal(1, "a.example:1").Literal("x", new string('x', 5000)).ToArray()).ToArray();
        var sent = 0;
        while (sent < bytes.Length && peer.Send(bytes.AsSpan(sent, 1))) sent++;
        Assert.Equal(Http2ErrorCode.EnhanceYourCalm, peer.Connection.Failure);
        Assert.InRange(sent, 500, 1100);
    }

    [Fact]
    public void It_is_known_when_a_frame_has_begun_and_not_ended()
    {
        using var peer = Peer.Started();
        Assert.False(peer.Connection.IsWithinFrame);
        var bytes = new ClientBytes().Headers(1, ClientBytes.Connect(), endsBlock: false).ToArray();
        peer.Send(bytes.AsSpan(0, 12));
        Assert.True(peer.Connection.IsWithinFrame);
        peer.Send(bytes.AsSpan(12));
        Assert.True(peer.Connection.IsWithinFrame);
        peer.Send(new ClientBytes().Frame(FrameType.Continuation, FrameFlags.EndHeaders, 1));
        Assert.False(peer.Connection.IsWithinFrame);
    }

    private static byte[] Bomb(int i)
    {
        var writer = new BlockWriter();
        if (i == 0) writer.Literal("x", new string('x', 3900), 0x40);
        for (var reference = 0; reference < 400; reference++) writer.Indexed(62);
        return writer.ToArray();
    }
}
