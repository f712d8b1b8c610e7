using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Masque.Tunnels;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream.Udp;

namespace PrivacyRelay.Tests.Upstream.Udp;

public sealed class CapsuleTunnelTests
{
    [Property]
    public Property Payloads_arrive_as_they_were_sent_however_the_bytes_are_cut() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[][]>(),
        Gen.Choose(1, 50).ToArbitrary(),
        (payloads, piece) =>
        {
            using var sent = new MemoryStream();
            var tunnel = new CapsuleTunnel(sent);
            foreach (var payload in payloads) tunnel.Write(payload);
            Wait(tunnel.FlushAsync(default).AsTask());
            return Received(sent.ToArray(), piece).SequenceEqual(payloads, new BytesComparer());
        });

    [Fact]
    public void The_largest_payload_passes()
    {
        var payload = new byte[65_527];
        new Random(1).NextBytes(payload);
        using var sent = new MemoryStream();
        var tunnel = new CapsuleTunnel(sent);
        tunnel.Write(payload);
        Wait(tunnel.FlushAsync(default).AsTask());
        Assert.Equal([payload], Received(sent.ToArray(), 1400));
    }

    [Fact]
    public void Nothing_is_sent_before_the_flush()
    {
        using var sent = new MemoryStream();
        new CapsuleTunnel(sent).Write([1, 2, 3]);
        Assert.Equal(0, sent.Length);
    }

    [Theory]
    [InlineData("3703aabbcc" + "000300aabb")] // an unknown capsule
    [InlineData("000202aa" + "000300aabb")] // an unknown context
    [InlineData("000103" + "000300aabb")] // the same, empty
    public void Other_capsules_and_contexts_are_skipped(string hex) => Assert.Equal([[0xaa, 0xbb]], Received(Convert.FromHexString(hex), 3));

    [Fact]
    public void A_datagram_without_a_context_id_breaks_the_tunnel() => Assert.Throws<IOException>(() => Received([0x00, 0x00], 2));

    [Theory]
    [InlineData("00")]
    [InlineData("0004")]
    [InlineData("000400aabb")]
    [InlineData("3704aabb")]
    public void A_stream_that_ends_within_a_capsule_is_broken(string hex) =>
        Assert.Throws<IOException>(() => Received(Convert.FromHexString(hex), 1));

    [Fact]
    public void A_payload_over_65527_breaks_the_tunnel_at_its_first_bytes() =>
        Assert.Throws<IOException>(() => Received([0x00, 0x80, 0x01, 0x00, 0x02, 0x00, 0xaa], 7));

    [Fact]
    public async Task Where_datagrams_travel_beside_the_stream_both_kinds_arrive_and_none_is_sent_on_it()
    {
        using var stream = new MemoryStream();
        stream.Write([0x00, 0x03, 0x00, 0xaa, 0xbb]);
        stream.Position = 0;
        var beside = new Beside();
        var tunnel = new CapsuleTunnel(stream, beside);
        Assert.Equal([0xaa, 0xbb], (await tunnel.ReceiveAsync(default))!.Value.ToArray());
        tunnel.Write([1, 2, 3]);
        await tunnel.FlushAsync(default);
        Assert.Equal([[0, 1, 2, 3]], beside.Sent);
        Assert.Equal(5, stream.Length);
        // The stream has ended, and with it the tunnel.
        Assert.Null(await tunnel.ReceiveAsync(default));
        await tunnel.DisposeAsync();
    }

    [Fact]
    public async Task Datagrams_of_unknown_contexts_are_dropped_and_too_many_are_lost()
    {
        var beside = new Beside();
        using var stream = new PendingStream();
        var tunnel = new CapsuleTunnel(stream, beside);
        beside.Receive!(new byte[] { 2, 1 });
        beside.Receive!(Array.Empty<byte>());
        for (var i = 0; i < 10_000; i++) beside.Receive!(new byte[] { 0, 7 });
        var received = 0;
        while (tunnel.ReceiveAsync(default).AsTask() is { IsCompleted: true } next && received < 10_000)
        {
            Assert.Equal([7], (await next)!.Value.ToArray());
            received++;
        }

        Assert.InRange(received, 1, 1_000);
        Assert.Equal(10_000 - received, tunnel.Dropped);
        await tunnel.DisposeAsync();
    }

    [Fact]
    public async Task Those_that_the_path_does_not_take_are_counted()
    {
        using var stream = new PendingStream();
        var tunnel = new CapsuleTunnel(stream, new Beside { TakesNone = true });
        tunnel.Write([1]);
        tunnel.Write([2]);
        Assert.Equal(2, tunnel.Dropped);
        await tunnel.DisposeAsync();
    }

    private sealed class Beside : IStreamDatagrams
    {
        public List<byte[]> Sent { get; } = [];

        public Action<ReadOnlyMemory<byte>>? Receive { get; private set; }

        public bool TakesNone { get; init; }

        public bool Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
        {
            if (TakesNone) return false;
            Sent.Add([.. header, .. payload]);
            return true;
        }

        public void Open(Action<ReadOnlyMemory<byte>> receiver) => Receive = receiver;
    }

    /// <summary>Nothing ever comes.</summary>
    private sealed class PendingStream : TunnelStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }

    private static List<byte[]> Received(byte[] bytes, int piece)
    {
        var tunnel = new CapsuleTunnel(new PiecewiseStream(bytes, piece));
        var payloads = new List<byte[]>();
        while (Wait(tunnel.ReceiveAsync(default).AsTask()) is { } payload) payloads.Add(payload.ToArray());
        return payloads;
    }

    /// <summary>Nothing here waits for anything: streams in memory.</summary>
    private static T Wait<T>(Task<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("It waits.");

    private static void Wait(Task task) => Assert.True(task.IsCompletedSuccessfully);

    private sealed class BytesComparer : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }

    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
