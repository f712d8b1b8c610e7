using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Masque;
using Masque.Udp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Tests.Tunnels.Capsules;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Tests.Tunnels.Udp;

/// <summary>A tunnel of datagrams, wherever it runs.</summary>
public abstract class UdpTunnelTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddOptions().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly ProxyMeter _meter = new();
    private readonly TunnelMetrics _metrics;
    private readonly TunnelRegistry _registry;
    private readonly PipeTunnelClient _client = new();
    private readonly Socket _target = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1024 * 1024 };
    private readonly Socket _socket;
    private readonly UdpThread _thread;

    protected UdpTunnelTests(UdpThread thread)
    {
        _thread = thread;
        _metrics = new TunnelMetrics(_meter);
        _registry = new TunnelRegistry(_services.GetRequiredService<IOptionsMonitor<TunnelOptions>>(), _time);
        _target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket = UdpDialer.Dial((IPEndPoint)_target.LocalEndPoint!, source: null).Socket!;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _target.Dispose();
        _registry.Dispose();
        _meter.Dispose();
        await _services.DisposeAsync();
        _thread.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Datagrams_pass_both_ways_whole_and_in_order()
    {
        var running = Start();
        int[] lengths = [1, 0, 63, 64, 1200, 1472, 16_383, 16_384, 65_507];
        foreach (var length in lengths) await SendAsync(Payload(length));
        foreach (var length in lengths) Assert.Equal(Payload(length), await ReceiveAsync());
        foreach (var length in lengths) await _target.SendToAsync(Payload(length), _socket.LocalEndPoint!);
        foreach (var length in lengths) Assert.Equal(Payload(length), await ReadPayloadAsync());
        await _client.Sender.CompleteAsync();
        Assert.Equal(TunnelEnding.Finished, await running.WaitAsync(TestTimes.Limit));
        Assert.Equal("completed", await _client.End.Task);
        Assert.Throws<ObjectDisposedException>(() => _socket.Available);
    }

    [Fact]
    public async Task Other_capsules_and_contexts_are_skipped()
    {
        var running = Start();
        var stream = new MemoryStream();
        DataCapsuleInputTests.Write(stream, 0x1f, "unknown capsule"u8);
        DataCapsuleInputTests.Write(stream, CapsuleType.Datagram, [0x01, .. "odd context"u8]);
        DataCapsuleInputTests.Write(stream, CapsuleType.Datagram, [0x02, .. new byte[200_000]]);
        DataCapsuleInputTests.Write(stream, CapsuleType.Datagram, [0xc0, 0, 0, 0, 0, 0, 0, 0, .. "context 0 in eight bytes"u8]);
        foreach (var part in stream.ToArray().Chunk(777)) await _client.Sender.WriteAsync(part);
        Assert.Equal("context 0 in eight bytes"u8.ToArray(), await ReceiveAsync());
        await _client.Sender.CompleteAsync();
        Assert.Equal(TunnelEnding.Finished, await running.WaitAsync(TestTimes.Limit));
    }

    [Theory]
    [InlineData("0002")] // The capsule ends where its context id should be, and the stream within it.
    [InlineData("00")]
    [InlineData("0000")] // No context id.
    [InlineData("000140")] // Half a context id.
    [InlineData("80")] // Half a type.
    [InlineData("008001000000")] // 65,536 bytes of context 0: more than a UDP packet holds.
    [InlineData("00ffffffffffffffff00")]
    public async Task What_no_client_may_send_aborts_the_stream(string hex)
    {
        var running = Start();
        await _client.Sender.WriteAsync(Convert.FromHexString(hex));
        if (hex is not ("008001000000" or "00ffffffffffffffff00")) await _client.Sender.CompleteAsync();
        Assert.Equal(TunnelEnding.Malformed, await running.WaitAsync(TestTimes.Limit));
        Assert.Equal("reset as malformed", await _client.End.Task);
    }

    [Fact]
    public async Task A_payload_of_65528_bytes_aborts_the_stream()
    {
        var running = Start();
        var stream = new MemoryStream();
        DataCapsuleInputTests.Write(stream, CapsuleType.Datagram, new byte[1 + UdpDatagram.MaxPayloadLength + 1]);
        var writing = _client.Sender.WriteAsync(stream.ToArray()).AsTask();
        Assert.Equal(TunnelEnding.Malformed, await running.WaitAsync(TestTimes.Limit));
        _ = writing;
    }

    [Fact]
    public async Task A_datagram_too_large_to_send_is_lost_alone()
    {
        var running = Start();
        // IPv4 ends at 65,507.
        await SendAsync(new byte[65_527]);
        await SendAsync("next"u8.ToArray());
        Assert.Equal("next"u8.ToArray(), await ReceiveAsync());
        await _client.Sender.CompleteAsync();
        await running.WaitAsync(TestTimes.Limit);
    }

    [Fact]
    public async Task Datagrams_that_arrive_together_leave_apart_with_their_sizes_and_in_order()
    {
        int[] sizes =
        [
            .. Enumerable.Repeat(100, 130), 60, 100, 101, 100, 0, 0, 1, 1, 2, 1, .. Enumerable.Repeat(1200, 12), 9000, 9000, 9000, 1, 65_507, 300, 300,
        ];
        var running = Start();
        using var all = new MemoryStream();
        foreach (var size in sizes) all.Write(Capsule(Payload(size)));
        await _client.Sender.WriteAsync(all.ToArray());
        foreach (var size in sizes) Assert.Equal(Payload(size), await ReceiveAsync());
        await _client.Sender.CompleteAsync();
        await running.WaitAsync(TestTimes.Limit);
    }

    [Fact]
    public async Task Nobody_at_the_target_is_no_end()
    {
        var target = (IPEndPoint)_target.LocalEndPoint!;
        _target.Close();
        var running = Start();
        // The first brings an ICMP message back, which the second or a read meets.
        for (var i = 0; i < 5; i++) await SendAsync([1]);
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        late.Bind(target);
        await late.SendToAsync("here now"u8.ToArray(), _socket.LocalEndPoint!);
        Assert.Equal("here now"u8.ToArray(), await ReadPayloadAsync());
        Assert.False(running.IsCompleted);
        await _client.Sender.CompleteAsync();
        Assert.Equal(TunnelEnding.Finished, await running.WaitAsync(TestTimes.Limit));
    }

    [Fact]
    public async Task What_QUIC_begins_with_goes_on_the_stream_where_packets_have_no_room_for_it_and_more_is_lost()
    {
        var flow = new FlowOfSmallPackets(1168);
        await using var client = new ClientThatDoesNotRead(_thread, _registry, _metrics, _socket, flow);
        int[] lengths = [100, 1200, 1167, 1201, 1168, .. Enumerable.Repeat(1200, 200), 1, 1300];
        foreach (var length in lengths) await _target.SendToAsync(Payload(length), _socket.LocalEndPoint!);
        var capsules = client.Take((201 * Capsule(Payload(1200)).Length) + Capsule(Payload(1168)).Length);
        await TestTimes.UntilAsync(() => flow.Lost == 2);
        Assert.Equal([100, 1167, 1], flow.Sent);
        byte[] expected = [.. Capsule(Payload(1200)), .. Capsule(Payload(1168)), .. Enumerable.Repeat(Capsule(Payload(1200)), 200).SelectMany(static capsule => capsule)];
        Assert.Equal(expected, await capsules);
        client.Tunnel.Stop(TunnelEnding.Drained);
        await client.DrainAsync();
        await client.Running.WaitAsync(TestTimes.Limit);
    }

    [Fact]
    public async Task A_target_that_does_not_stop_leaves_others_their_turn()
    {
        const int Most = 300;
        var batches = 0;
        // With each batch more comes than went, and the client takes all of it at once.
        var client = new PipeTunnelClient(window: 0) { Sending = SendMore };
        UdpTunnel? tunnel = null;
        var running = _thread.Run(() => (tunnel = Tunnel(client, _socket, _registry, _metrics)).RunAsync());
        SendMore();
        await TestTimes.UntilAsync(() => Volatile.Read(ref batches) > 10);
        await _thread.Run(() => Task.FromResult(0)).WaitAsync(TestTimes.Limit);
        Assert.InRange(Volatile.Read(ref batches), 0, Most - 1);
        tunnel!.Stop(TunnelEnding.Drained);
        Assert.Equal(TunnelEnding.Drained, await running.WaitAsync(TestTimes.Limit));

        void SendMore()
        {
            if (Interlocked.Increment(ref batches) > Most) return;
            for (var i = 0; i < 150; i++) _target.SendTo(new byte[1200], _socket.LocalEndPoint!);
        }
    }

    [Fact]
    public async Task Only_the_target_is_heard()
    {
        var running = Start();
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await stranger.SendToAsync("stranger"u8.ToArray(), _socket.LocalEndPoint!);
        await _target.SendToAsync("target"u8.ToArray(), _socket.LocalEndPoint!);
        Assert.Equal("target"u8.ToArray(), await ReadPayloadAsync());
        await _client.Sender.CompleteAsync();
        await running.WaitAsync(TestTimes.Limit);
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_datagrams_and_the_proxy_holds_little()
    {
        await using var slow = new ClientThatDoesNotRead(_thread, _registry, _metrics, _socket);
        // 200 MB in all; the pipe's window is 64 KB.
        var datagram = new byte[50_000];
        for (var i = 0; i < 4000; i++) await _target.SendToAsync(datagram, _socket.LocalEndPoint!);
        Assert.True(slow.Held < 1024 * 1024);
        slow.Tunnel.Stop(TunnelEnding.Drained);
        await slow.DrainAsync();
        await slow.Running.WaitAsync(TestTimes.Limit);
    }

    [Fact]
    public async Task A_tunnel_without_a_datagram_for_its_idle_time_ends_in_order()
    {
        var running = Start();
        // It may arrive a moment before the tunnel notes it, so less than half of the five minutes at a time.
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            await SendAsync([1]);
            await ReceiveAsync();
        }

        Assert.False(running.IsCompleted);
        await TestTimes.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(6));
            return running.IsCompleted;
        });
        Assert.Equal(TunnelEnding.IdleTimeout, await running.WaitAsync(TestTimes.Limit));
        Assert.Equal("completed", await _client.End.Task);
    }

    private Task<TunnelEnding> Start() => _thread.Run(() => Tunnel(_client, _socket, _registry, _metrics).RunAsync());

    private static UdpTunnel Tunnel(TunnelClient client, Socket socket, TunnelRegistry registry, TunnelMetrics metrics) =>
        new(client, socket, registry, new TunnelTraffic(metrics, TimeProvider.System, receivedAt: 0));

    internal static byte[] Payload(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i + length))];

    private async Task SendAsync(byte[] payload) => await _client.Sender.WriteAsync(Capsule(payload));

    private static byte[] Capsule(byte[] payload)
    {
        var capsule = new byte[UdpDatagram.MaxHeaderLength + payload.Length];
        var header = UdpDatagram.WriteHeader(capsule, payload.Length);
        payload.CopyTo(capsule, header);
        return capsule[..(header + payload.Length)];
    }

    private async Task<byte[]> ReceiveAsync()
    {
        var buffer = new byte[65_535];
        using var limit = new CancellationTokenSource(TestTimes.Limit);
        return buffer[..await _target.ReceiveAsync(buffer, SocketFlags.None, limit.Token)];
    }

    private async Task<byte[]> ReadPayloadAsync()
    {
        using var limit = new CancellationTokenSource(TestTimes.Limit);
        while (true)
        {
            var result = await _client.Receiver.ReadAsync(limit.Token);
            var buffer = result.Buffer;
            var reader = new CapsuleReader();
            if (reader.TryReadHeader(ref buffer) && reader.TryTakeWholeValue(ref buffer, out var datagram))
            {
                Assert.Equal(UdpDatagramKind.Payload, UdpDatagram.Read(datagram, out var payload));
                var bytes = payload.ToArray();
                _client.Receiver.AdvanceTo(buffer.Start);
                return bytes;
            }

            Assert.False(result.IsCompleted);
            _client.Receiver.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private sealed class ClientThatDoesNotRead : IAsyncDisposable
    {
        private readonly PipeTunnelClient _client;

        public ClientThatDoesNotRead(UdpThread thread, TunnelRegistry registry, TunnelMetrics metrics, Socket socket, DatagramFlow? beside = null)
        {
            _client = new PipeTunnelClient(window: 64 * 1024) { Beside = beside };
            Running = thread.Run(() =>
            {
                Tunnel = UdpTunnelTests.Tunnel(_client, socket, registry, metrics);
                return Tunnel.RunAsync();
            });
        }

        public UdpTunnel Tunnel { get; private set; } = null!;

        public Task Running { get; }

        public long Held => _client.Receiver.TryRead(out var result) ? Length(result) : 0;

        /// <summary>Reads after all, so many bytes.</summary>
        public async Task<byte[]> Take(int count)
        {
            using var limit = new CancellationTokenSource(TestTimes.Limit);
            var bytes = new List<byte>();
            while (bytes.Count < count)
            {
                var result = await _client.Receiver.ReadAsync(limit.Token);
                bytes.AddRange(result.Buffer.ToArray());
                _client.Receiver.AdvanceTo(result.Buffer.End);
            }

            return [.. bytes];
        }

        public async Task DrainAsync() => await _client.Receiver.CompleteAsync();

        public ValueTask DisposeAsync() => _client.Receiver.CompleteAsync();

        private long Length(ReadResult result)
        {
            _client.Receiver.AdvanceTo(result.Buffer.Start);
            return result.Buffer.Length;
        }
    }
}

public sealed class UdpTunnelOnThePoolTests() : UdpTunnelTests(UdpThread.Pool());

public sealed class UdpTunnelOnALoopTests() : UdpTunnelTests(UdpThread.Loop());
