using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Tunneling.Loops;
using Tunneling.Native;
using Tunneling.Pumps;
using Tunneling.Tests.Pumps;
using Tunneling.SslStreams;
using Tunneling.Tls;
using NativeAddress = Tunneling.Native.SocketAddress;

namespace Tunneling.Tests.Tls;

/// <summary>TLS on loops: every connection is pumped to one origin.</summary>
public sealed class TlsChannelTests : IAsyncLifetime
{
    private static readonly TestAuthority _authority = new();
    private readonly TcpListener _origin = new(IPAddress.Loopback, 0);
    private readonly TlsServerContext _context = new(new TlsServerOptions(), TlsCertificate.From(_authority.Issue()));
    private PumpServer _server = null!;

    public static TheoryData<SslProtocols> Versions => [SslProtocols.Tls12, SslProtocols.Tls13];

    public Task InitializeAsync()
    {
        _origin.Start(512);
        _server = new PumpServer((IPEndPoint)_origin.LocalEndpoint, loops: 2, _context);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _origin.Dispose();
        _context.Dispose();
        Assert.Empty(_server.Failures);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Every_byte_arrives_once_and_in_order_both_ways_at_once(SslProtocols version)
    {
        var (client, origin) = await Open(version);
        var (up, down) = (RandomNumberGenerator.GetBytes(8_000_000), RandomNumberGenerator.GetBytes(8_000_000));
        var sending = Task.WhenAll(Send(client, up), Send(origin, down));
        var received = await Task.WhenAll(ReadToEnd(origin), ReadToEnd(client)).WaitAsync(TlsEnd.Patience);
        await sending.WaitAsync(TlsEnd.Patience);
        Assert.True(up.AsSpan().SequenceEqual(received[0]));
        Assert.True(down.AsSpan().SequenceEqual(received[1]));
        Assert.Equal(PumpEnding.Finished, await Ending());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_one_side_has_ended_the_other_goes_on(bool clientFirst)
    {
        var (client, origin) = await Open();
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        if (clientFirst)
        {
            await client.ShutdownAsync();
            Assert.Empty(await ReadToEnd(origin));
            var sending = Send(origin, bytes);
            AssertSame(bytes, await ReadToEnd(client));
            await sending;
        }
        else
        {
            origin.Socket.Shutdown(SocketShutdown.Send);
            Assert.Empty(await ReadToEnd(client));
            var sending = Send(client, bytes);
            AssertSame(bytes, await ReadToEnd(origin));
            await sending;
        }

        Assert.Equal(PumpEnding.Finished, await Ending());
    }

    [Fact]
    public async Task What_was_taken_arrives_even_after_closing_and_in_order()
    {
        using var loops = new LoopGroup(1, _server.Failures.Enqueue);
        var filler = new Filler(_context);
        var listener = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), loops, filler);
        listener.Start();
        await using var client = await Connect(SslProtocols.Tls13, listener.EndPoint);
        // Nothing is read until the other side has closed with ciphertext left over.
        var taken = await filler.Taken.Task.WaitAsync(TlsEnd.Patience);
        var received = await ReadToEnd(client);
        Assert.Equal(taken, received.Length);
        Assert.All(received, static one => Assert.Equal(7, one));
        await listener.StopAsync();
        Assert.Equal(0, await Until(() => loops.Loops[0].Watched, 0));
    }

    /// <summary>Many clients just close; who speaks through the tunnel knows whether it is all.</summary>
    [Fact]
    public async Task A_FIN_without_close_notify_is_a_half_close_after_the_last_byte()
    {
        var (client, origin) = await Open();
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        await client.WriteAsync(bytes);
        client.Socket().Shutdown(SocketShutdown.Send);
        AssertSame(bytes, await ReadToEnd(origin));
        var sending = Send(origin, bytes);
        AssertSame(bytes, await ReadToEnd(client));
        await sending;
        Assert.Equal(PumpEnding.Finished, await Ending());
    }

    [Fact]
    public async Task A_client_that_breaks_off_breaks_the_origin()
    {
        var (client, origin) = await Open();
        client.Socket().LingerState = new LingerOption(true, 0);
        client.Socket().Close();
        await Assert.ThrowsAsync<IOException>(() => ReadToEnd(origin));
        Assert.Equal(PumpEnding.ClientFailed, await Ending());
    }

    [Fact]
    public async Task An_origin_that_breaks_off_breaks_the_client()
    {
        var (client, origin) = await Open();
        origin.Socket.LingerState = new LingerOption(true, 0);
        origin.Socket.Close();
        await Assert.ThrowsAsync<IOException>(() => ReadToEnd(client));
        Assert.Equal(PumpEnding.OriginFailed, await Ending());
    }

    [Fact]
    public async Task Many_connections_at_once_each_carry_their_own_bytes()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            await using var client = await Connect(i % 2 == 0 ? SslProtocols.Tls12 : SslProtocols.Tls13);
            await client.WriteAsync(BitConverter.GetBytes(i));
            using var accepted = await _origin.AcceptSocketAsync().WaitAsync(TlsEnd.Patience);
            await using var origin = new NetworkStream(accepted);
            var first = new byte[4];
            await origin.ReadExactlyAsync(first).AsTask().WaitAsync(TlsEnd.Patience);
            await origin.WriteAsync(first);
            var back = new byte[4];
            await client.ReadExactlyAsync(back).AsTask().WaitAsync(TlsEnd.Patience);
            Assert.Equal(i, BitConverter.ToInt32(back));
        }));
    }

    [Fact]
    public async Task Handshakes_that_fail_or_never_end_harm_nobody()
    {
        var half = new List<Socket>();
        for (var i = 0; i < 30; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(_server.EndPoint);
            await socket.SendAsync(i % 2 == 0 ? "GET / HTTP/1.1\r\n\r\n"u8.ToArray() : new byte[] { 22, 3, 1, 1 });
            half.Add(socket);
        }

        var (client, origin) = await Open();
        await client.DisposeAsync();
        await origin.DisposeAsync();
        foreach (var socket in half) socket.Dispose();
        Assert.Equal(31, await Until(() => _server.Endings.Count, 31));
    }

    /// <summary>A tunnel that has carried a byte each way.</summary>
    private async Task<(SslStream Client, NetworkStream Origin)> Open(SslProtocols version = SslProtocols.Tls13)
    {
        var client = await Connect(version);
        await client.WriteAsync(new byte[1]);
        var origin = new NetworkStream(await _origin.AcceptSocketAsync().WaitAsync(TlsEnd.Patience), ownsSocket: true);
        await origin.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(TlsEnd.Patience);
        await origin.WriteAsync(new byte[1]);
        await client.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(TlsEnd.Patience);
        return (client, origin);
    }

    private async Task<SslStream> Connect(SslProtocols version, IPEndPoint? endPoint = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint ?? _server.EndPoint);
        var client = new HalfClosingSslStream(new NetworkStream(socket, ownsSocket: true));
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        }).WaitAsync(TlsEnd.Patience);
        return client;
    }

    private async Task<PumpEnding> Ending()
    {
        await Until(() => _server.Endings.Count, 1);
        return Assert.Single(_server.Endings);
    }

    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual));

    private static async Task<int> Until(Func<int> value, int expected)
    {
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); value() != expected && clock.Elapsed < TlsEnd.Patience;) await Task.Delay(5);
        return value();
    }

    private static async Task Send(SslStream stream, byte[] bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.ShutdownAsync();
    }

    private static async Task Send(NetworkStream stream, byte[] bytes)
    {
        await stream.WriteAsync(bytes);
        stream.Socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadToEnd(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).WaitAsync(TlsEnd.Patience);
        return all.ToArray();
    }

    /// <summary>Writes until there is no room, and closes.</summary>
    private sealed class Filler(TlsServerContext context) : IAcceptHandler, IChannelHandler
    {
        public TaskCompletionSource<int> Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnAccepted(EventLoop loop, SocketHandle socket, in NativeAddress peer)
        {
            var channel = new TlsChannel(loop, socket, peer, context) { Handler = this };
            channel.Attach();
            OnReady(channel);
        }

        public void OnReady(Channel channel)
        {
            var secure = (TlsChannel)channel;
            if (secure.Handshake().Status != IoStatus.End) return;
            var bytes = new byte[1 << 20];
            bytes.AsSpan().Fill(7);
            var taken = 0;
            while (secure.CanWrite) taken += secure.Write(bytes).Value;
            Assert.True(secure.Session.HasPendingWrite);
            secure.Close();
            Taken.SetResult(taken);
        }

        public void OnAcceptPaused(SocketError error) => Taken.TrySetException(new SocketException((int)error));
    }
}
