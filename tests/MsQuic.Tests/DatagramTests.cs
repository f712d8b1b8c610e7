using System.Collections.Concurrent;
using System.Net;

namespace MsQuic.Tests;

/// <summary>Datagrams (RFC 9221).</summary>
public sealed class DatagramTests
{
    [SkippableFact]
    public async Task Datagrams_of_every_size_arrive_whole_both_ways()
    {
        await using var pair = await QuicPair.StartAsync();
        await EchoesAsync(pair.Client, pair.Server);
        await EchoesAsync(pair.Server, pair.Client);
    }

    [SkippableFact]
    public async Task One_that_is_too_large_for_the_path_is_dropped_and_counted()
    {
        await using var pair = await QuicPair.StartAsync();
        await QuicPair.UntilAsync(() => pair.Client.MaxDatagramSize > 0);
        Assert.False(pair.Client.TrySendDatagram(default, new byte[pair.Client.MaxDatagramSize + 1000]));
        Assert.False(pair.Client.TrySendDatagram(new byte[10], new byte[100_000]));
        Assert.Equal(2, pair.Client.DroppedDatagrams);
    }

    /// <summary>QUIC_SETTINGS_MINIMUM_MTU is bit 22; libmsquic begins with 1,248 otherwise, and a datagram has room for 1,187 bytes until a probe has come through.</summary>
    [Fact]
    public void A_path_is_trusted_with_what_IPv6_promises()
    {
        var settings = new QuicSettings().ToNative();
        Assert.Equal(1280, settings.MinimumMtu);
        Assert.NotEqual(0ul, settings.IsSet & (1ul << 22));
    }

    [SkippableFact]
    public async Task What_QUIC_in_a_tunnel_begins_with_fits_on_a_path_that_takes_no_more_than_IPv6_promises()
    {
        UdpPath? path = null;
        await using var pair = await QuicPair.StartAsync(through: server => (path = new UdpPath(server) { LongestPayload = 1280 - 28 }).EndPoint);
        using var _ = path;
        foreach (var (from, to) in new[] { (pair.Client, pair.Server), (pair.Server, pair.Client) })
        {
            await QuicPair.UntilAsync(() => from.MaxDatagramSize > 0);
            // The number of its stream, and of its context, before it (RFC 9297, section 2.1; RFC 9298, section 5).
            var datagram = new byte[1200 + 4 + 1];
            Assert.InRange(from.MaxDatagramSize, datagram.Length, 1280);
            var received = new TaskCompletionSource<int>();
            to.DatagramHandler = bytes => received.TrySetResult(bytes.Length);
            Assert.True(from.TrySendDatagram(default, datagram));
            Assert.Equal(datagram.Length, await received.Task.WaitAsync(QuicPair.Limit));
        }
    }

    [SkippableTheory]
    [InlineData(1280)]
    [InlineData(1300)]
    public async Task No_packet_is_larger_than_was_set_however_much_the_path_takes(int largest)
    {
        UdpPath? path = null;
        await using var pair = await QuicPair.StartAsync(server: QuicPair.Settings with { MaximumPacket = largest }, through: server => (path = new UdpPath(server)).EndPoint);
        using var _ = path;
        // Once the client, which may, has tried what the path takes, the server would have too.
        await QuicPair.UntilAsync(() => pair.Client.MaxDatagramSize > 1400);
        await EchoesAsync(pair.Server, pair.Client);
        Assert.InRange(pair.Server.MaxDatagramSize, 1200, largest);
        Assert.InRange(path!.LongestOfServer, 1200, largest - 28);
    }

    [Theory]
    [InlineData(1279)]
    [InlineData(1501)]
    public void A_largest_packet_below_what_a_path_is_trusted_with_or_above_Ethernets_is_refused(int largest) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => (QuicPair.Settings with { MaximumPacket = largest }).ToNative());

    /// <summary>libmsquic (2.7) tells a server of its client's transport parameter before it has told of the connection, and again only when a probe of the path has changed something.</summary>
    [SkippableTheory]
    [InlineData("127.0.0.1", 1500)]
    [InlineData("127.0.0.1", 1280)]
    [InlineData("::1", 1500)]
    [InlineData("::1", 1280)]
    public async Task Both_sides_know_that_the_other_takes_them_as_soon_as_they_are_connected(string address, int largest)
    {
        var settings = QuicPair.Settings with { MaximumPacket = largest };
        await using var pair = await QuicPair.StartAsync(settings, settings, address: IPAddress.Parse(address));
        // A server of what libmsquic begins with; a client of what packets of 1,280 over IPv6 carry to one, whose connection ids are longer.
        Assert.InRange(pair.Server.MaxDatagramSize, 1168, largest);
        Assert.InRange(pair.Client.MaxDatagramSize, 1199, largest);
        await EchoesAsync(pair.Server, pair.Client);
    }

    [SkippableFact]
    public async Task Nobody_is_sent_one_who_did_not_say_that_it_takes_them()
    {
        await using var pair = await QuicPair.StartAsync(server: QuicPair.Settings with { Datagrams = false });
        Assert.Equal(0, pair.Client.MaxDatagramSize);
        Assert.False(pair.Client.TrySendDatagram(default, "x"u8));
        // The other way it may.
        var received = new TaskCompletionSource();
        pair.Client.DatagramHandler = _ => received.TrySetResult();
        await QuicPair.UntilAsync(() => pair.Server.MaxDatagramSize > 0);
        Assert.True(pair.Server.TrySendDatagram(default, "x"u8));
        await received.Task.WaitAsync(QuicPair.Limit);
    }

    [SkippableFact]
    public async Task A_flood_is_dropped_beyond_a_bound_and_all_is_accounted_for()
    {
        await using var pair = await QuicPair.StartAsync();
        await QuicPair.UntilAsync(() => pair.Client.MaxDatagramSize > 0);
        const int Count = 20_000;
        var payload = new byte[1000];
        for (var i = 0; i < Count; i++) pair.Client.TrySendDatagram(default, payload);
        await QuicPair.UntilAsync(() => pair.Client.SentDatagrams + pair.Client.DroppedDatagrams == Count);
        Assert.NotEqual(0, pair.Client.DroppedDatagrams);
        // Nobody takes them on the other side, which is counted too; some may be lost.
        await QuicPair.UntilAsync(() => pair.Server.UnhandledDatagrams > 0);
        Assert.InRange(pair.Server.UnhandledDatagrams, 1, pair.Client.SentDatagrams);
    }

    [SkippableFact]
    public async Task A_batch_arrives_whole_and_room_that_is_left_within_it_is_filled()
    {
        await using var pair = await QuicPair.StartAsync();
        await QuicPair.UntilAsync(() => pair.Client.MaxDatagramSize > 0);
        var received = new ConcurrentQueue<byte[]>();
        pair.Server.DatagramHandler = datagram => received.Enqueue(datagram.ToArray());
        var batch = new QuicDatagramBatch();
        batch.SetFiller("~"u8);
        // Small ones share a packet; large ones leave room in one of their own, whatever the path takes.
        byte[][] sent = [.. new[] { 0, 1, 50, 1_000, 1_000, 1_000, 900 }.Select(StreamBytes.Random)];
        foreach (var datagram in sent)
        {
            datagram.CopyTo(batch.GetSpan());
            batch.Add(datagram.Length);
        }

        Assert.Equal(0, pair.Client.Send(batch));
        Assert.Equal(0, batch.Count);
        // Loopback keeps their order.
        await QuicPair.UntilAsync(() => received.Count == sent.Length + 3);
        Assert.Equal(sent, received.Where(static datagram => datagram is (not [(byte)'~', ..]) or { Length: 1 or 50 }));
        Assert.Equal([false, false, false, false, true, false, true, false, true, false], received.Select(static datagram => datagram is [(byte)'~', ..] && datagram.AsSpan(1).IndexOfAnyExcept((byte)0) < 0 && datagram.Length > 1));
        Assert.Equal(sent.Length, pair.Client.SentDatagrams);
    }

    [SkippableFact]
    public async Task Of_a_batch_those_that_do_not_go_are_dropped_alone()
    {
        await using var pair = await QuicPair.StartAsync();
        await QuicPair.UntilAsync(() => pair.Client.MaxDatagramSize > 0);
        var received = new ConcurrentQueue<int>();
        pair.Server.DatagramHandler = datagram => received.Enqueue(datagram.Length);
        var batch = new QuicDatagramBatch();
        foreach (var length in new[] { 10, QuicDatagramBatch.MaxLength, 20 })
        {
            _ = batch.GetSpan();
            batch.Add(length);
        }

        Assert.Equal(1, pair.Client.Send(batch));
        await QuicPair.UntilAsync(() => received.Count == 2);
        Assert.Equal([10, 20], received);

        var dropped = 1;
        for (var i = 0; i < 40; i++)
        {
            while (batch.Count < QuicDatagramBatch.MaxCount)
            {
                _ = batch.GetSpan();
                batch.Add(1_000);
            }

            dropped += pair.Client.Send(batch);
        }

        Assert.NotEqual(1, dropped);
        await QuicPair.UntilAsync(() => pair.Client.SentDatagrams == 3 + (40 * QuicDatagramBatch.MaxCount) - dropped);
        Assert.Equal(dropped, pair.Client.DroppedDatagrams);

        await pair.Client.CloseAsync(1).AsTask().WaitAsync(QuicPair.Limit);
        _ = batch.GetSpan();
        batch.Add(1);
        Assert.Equal(1, pair.Client.Send(batch));
    }

    [SkippableFact]
    public async Task What_is_sent_when_the_connection_has_ended_is_dropped()
    {
        await using var pair = await QuicPair.StartAsync();
        await pair.Client.CloseAsync(1).AsTask().WaitAsync(QuicPair.Limit);
        Assert.False(pair.Client.TrySendDatagram(default, "x"u8));
        await pair.Client.DisposeAsync();
        Assert.False(pair.Client.TrySendDatagram(default, "x"u8));
    }

    [Fact]
    public void Rooms_are_filled_ahead_and_those_passed_over_change_no_order()
    {
        var batch = new QuicDatagramBatch();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 8; i++) batch.GetSpan(i)[0] = (byte)i;
            for (var i = 0; i < 5; i++)
            {
                if (i is 1 or 2) batch.Skip();
                else batch.Add(1 + i);
            }

            Assert.Equal([(0, 1), (3, 4), (4, 5)], batch.Slots.ToArray().Select(static slot => ((int)slot.Bytes[0], slot.Length)));
            foreach (var slot in batch.Slots) slot.Return();
            batch.Clear();
        }

        Assert.Throws<InvalidOperationException>(() => _ = batch.GetSpan(QuicDatagramBatch.MaxCount));
        Assert.Throws<InvalidOperationException>(new QuicDatagramBatch().Skip);
        Assert.Throws<InvalidOperationException>(() => new QuicDatagramBatch().Add(1));
    }

    private static async Task EchoesAsync(QuicConnection from, QuicConnection to)
    {
        var received = new ConcurrentQueue<byte[]>();
        to.DatagramHandler = datagram => received.Enqueue(datagram.ToArray());
        await QuicPair.UntilAsync(() => from.MaxDatagramSize > 0);
        foreach (var size in new[] { 0, 1, 2, 500, 1100, from.MaxDatagramSize })
        {
            var sent = StreamBytes.Random(size);
            received.Clear();
            // Loopback loses none, but a path's limit may change meanwhile.
            Assert.True(from.TrySendDatagram(sent.AsSpan(0, size / 2), sent.AsSpan(size / 2)));
            await QuicPair.UntilAsync(() => !received.IsEmpty);
            Assert.True(received.TryDequeue(out var got));
            Assert.Equal(sent, got);
        }
    }
}
