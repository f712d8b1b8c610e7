using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tunneling.Http2.Frames;
using Tunneling.Pumps;
using Tunneling.Tests.Http2.Hpack;

namespace Tunneling.Tests.Http2.Serving;

/// <summary>Sessions on a loop over real sockets, by a raw client and by .NET's.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly TcpListener _origin = new(IPAddress.Loopback, 0);
    private SessionServer _server = new();

    private int OriginPort => ((IPEndPoint)_origin.LocalEndpoint).Port;

    public Task InitializeAsync()
    {
        _origin.Start(4096);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _origin.Dispose();
        Assert.Empty(_server.Failures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(20_000_000)]
    public async Task Every_byte_of_a_tunnel_arrives_both_ways_at_once_and_both_ends_are_passed_on(int length)
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint);
        var (up, down) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(length));
        using var origin = await OpenAsync(client, 1);
        var received = ReadToEndAsync(origin);
        var sending = SendAllAsync(origin, down);
        var downloaded = client.ReadStreamAsync(1);
        await client.UploadAsync(1, up, ends: true);
        AssertSame(up, await received.WaitAsync(_patience));
        await sending.WaitAsync(_patience);
        AssertSame(down, await downloaded.WaitAsync(_patience));
        await UntilAsync(() => !_server.Endings.IsEmpty);
        Assert.Equal(PumpEnding.Finished, _server.Endings.First());
    }

    [Fact]
    public async Task A_stream_whose_origin_does_not_read_holds_up_no_other()
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint);
        var stalled = new List<Socket>();
        for (var id = 1; id < 21; id += 2)
        {
            stalled.Add(await OpenAsync(client, id));
            // As much as the window lets through: until nothing is given back any more.
            await client.FillWindowAsync(id);
        }

        using var origin = await OpenAsync(client, 101);
        var up = RandomNumberGenerator.GetBytes(3_000_000);
        var received = ReadToEndAsync(origin);
        await client.UploadAsync(101, up, ends: true).WaitAsync(_patience);
        AssertSame(up, await received.WaitAsync(_patience));
        foreach (var socket in stalled) socket.Dispose();
    }

    /// <summary>The byte-exact counterpart: what waits in the proxy for a slow destination, or for a slow client, arrives whole.</summary>
    [Fact]
    public async Task Slow_destinations_and_slow_clients_get_every_byte()
    {
        await UseAsync(new SessionServer(new() { StreamWindow = 30_000 }));
        using var client = await RawClient.ConnectAsync(_server.EndPoint, initialWindow: 0);
        var (up, down) = (RandomNumberGenerator.GetBytes(2_000_003), RandomNumberGenerator.GetBytes(300_007));
        var ids = Enumerable.Range(0, 4).Select(static i => 1 + (2 * i)).ToArray();
        await client.SendAsync(new ClientBytes().WindowUpdate(0, 100_000_000));
        var tunnels = ids.Select(async id =>
        {
            using var origin = await OpenAsync(client, id);
            var sending = SendAllAsync(origin, down);
            var uploading = client.UploadAsync(id, up, ends: true);
            var received = ReadSlowlyAsync(origin);
            var random = new Random(id);
            for (var given = 0; given < down.Length;)
            {
                var window = 1 + random.Next(3000);
                given += window;
                await client.SendAsync(new ClientBytes().WindowUpdate(id, (uint)window));
                if (random.Next(8) == 0) await Task.Delay(1);
            }

            AssertSame(up, await received.WaitAsync(_patience));
            await Task.WhenAll(sending, uploading).WaitAsync(_patience);
            AssertSame(down, await client.ReadStreamAsync(id).WaitAsync(_patience));
        });
        foreach (var tunnel in tunnels.ToArray()) await tunnel;
    }

    private static async Task<byte[]> ReadSlowlyAsync(Socket origin)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[50_000];
        var random = new Random(1);
        origin.ReceiveBufferSize = 8192;
        while (await origin.ReceiveAsync(buffer.AsMemory(0, 1 + random.Next(random.Next(2) == 0 ? 100 : buffer.Length))) is var count and not 0)
        {
            bytes.Write(buffer, 0, count);
            if (random.Next(20) == 0) await Task.Delay(1);
        }

        return bytes.ToArray();
    }

    [Fact]
    public async Task A_client_that_opens_windows_for_one_stream_only_gets_that_one()
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint, initialWindow: 0);
        using var waiting = await OpenAsync(client, 1);
        using var origin = await OpenAsync(client, 3);
        var down = RandomNumberGenerator.GetBytes(1_000_000);
        var first = SendAllAsync(waiting, down);
        var second = SendAllAsync(origin, down);
        var read = client.ReadStreamAsync(3);
        await client.SendAsync(new ClientBytes().WindowUpdate(3, 1_000_000).WindowUpdate(0, 1_000_000));
        AssertSame(down, await read.WaitAsync(_patience));
        await second.WaitAsync(_patience);
        Assert.Empty(client.Received(1));
        waiting.Dispose();
        await first.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(_patience);
    }

    [Fact]
    public async Task An_origins_reset_becomes_CONNECT_ERROR_and_a_clients_reset_reaches_the_origin()
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint);
        var origin = await OpenAsync(client, 1);
        origin.Close(0);
        var reset = await client.UntilAsync(f => f.Type == FrameType.RstStream && f.Header.StreamId == 1).WaitAsync(_patience);
        Assert.Equal((uint)Http2ErrorCode.ConnectError, reset.FirstNumber);

        using var second = await OpenAsync(client, 3);
        await client.SendAsync(new ClientBytes().Reset(3));
        var error = await Assert.ThrowsAsync<SocketException>(async () => await second.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task A_client_that_is_gone_ends_all_of_its_tunnels()
    {
        var client = await RawClient.ConnectAsync(_server.EndPoint);
        var origins = new List<Socket>();
        for (var id = 1; id < 41; id += 2) origins.Add(await OpenAsync(client, id));
        client.Dispose();
        foreach (var origin in origins)
            await Assert.ThrowsAsync<SocketException>(async () => await origin.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        await UntilAsync(() => _server.Sessions.IsEmpty);
        Assert.Equal(20, _server.Endings.Count);
    }

    [Fact]
    public async Task A_destination_that_refuses_is_answered_and_the_connection_goes_on()
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint);
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        await client.SendAsync(new ClientBytes().Headers(1, ClientBytes.Connect($"127.0.0.1:{port}")));
        var answer = await client.UntilAsync(f => f.Type == FrameType.Headers).WaitAsync(_patience);
        Assert.Equal(":status: 502", FieldText.Decode(new(), answer.Payload)[0]);
        Assert.Equal(0u, (await client.UntilAsync(f => f.Type == FrameType.RstStream).WaitAsync(_patience)).FirstNumber);
        using var origin = await OpenAsync(client, 3);
    }

    [Fact]
    public async Task A_broken_rule_is_told_before_the_connection_closes()
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint);
        using var origin = await OpenAsync(client, 1);
        await client.SendAsync(new ClientBytes().Data(0, 5));
        var goAway = await client.UntilAsync(f => f.Type == FrameType.GoAway).WaitAsync(_patience);
        Assert.Equal("GOAWAY 1 ProtocolError", goAway.ToString());
        await client.Ended.WaitAsync(_patience);
        await Assert.ThrowsAsync<SocketException>(async () => await origin.ReceiveAsync(new byte[1]).WaitAsync(_patience));
    }

    [Fact]
    public async Task Draining_lets_a_tunnel_finish_and_then_closes()
    {
        using var client = await RawClient.ConnectAsync(_server.EndPoint);
        using var origin = await OpenAsync(client, 1);
        var session = _server.Sessions.Keys.Single();
        session.Loop.Post(_ => session.BeginDrain(), null);
        await client.UntilAsync(f => f.Type == FrameType.GoAway).WaitAsync(_patience);
        var up = RandomNumberGenerator.GetBytes(50_000);
        var received = ReadToEndAsync(origin);
        await client.UploadAsync(1, up, ends: true);
        Assert.Equal(up, await received.WaitAsync(_patience));
        origin.Shutdown(SocketShutdown.Send);
        await client.UntilAsync(f => f.ToString() == "GOAWAY 1 NoError").WaitAsync(_patience);
        await client.Ended.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_stranger_whose_answer_waits_for_a_window_is_reset()
    {
        await UseAsync(new SessionServer(timeouts: new() { WriteOfStrangers = TimeSpan.FromSeconds(2) }));
        using var client = await RawClient.ConnectAsync(_server.EndPoint, initialWindow: 0);
        await client.SendAsync(new ClientBytes().Headers(1, ClientBytes.Get("/1000000")));
        var reset = await client.UntilAsync(f => f.Type == FrameType.RstStream).WaitAsync(_patience);
        Assert.Equal((uint)Http2ErrorCode.EnhanceYourCalm, reset.FirstNumber);
    }

    [Fact]
    public async Task A_stranger_that_reads_nothing_is_closed()
    {
        await UseAsync(new SessionServer(timeouts: new() { WriteOfStrangers = TimeSpan.FromSeconds(2) }));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(_server.EndPoint);
        var bytes = ClientBytes.Started().Settings((4, int.MaxValue)).WindowUpdate(0, int.MaxValue - 65_535).Headers(1, ClientBytes.Get("/100000000"));
        await socket.SendAsync(bytes.ToArray());
        await UntilAsync(() => _server.Sessions.Count == 1);
        await UntilAsync(() => _server.Sessions.IsEmpty);
    }

    [Fact]
    public async Task A_head_that_never_ends_and_a_connection_without_requests_are_closed()
    {
        await UseAsync(new SessionServer(timeouts: new() { Head = TimeSpan.FromSeconds(2) }));
        using var idle = await RawClient.ConnectAsync(_server.EndPoint);
        using var slow = await RawClient.ConnectAsync(_server.EndPoint);
        await slow.SendAsync(new ClientBytes().Headers(1, ClientBytes.Get(), endsBlock: false));
        Assert.Equal("GOAWAY 0 EnhanceYourCalm", (await slow.UntilAsync(f => f.Type == FrameType.GoAway).WaitAsync(_patience)).ToString());
        Assert.Equal("GOAWAY 0 NoError", (await idle.UntilAsync(f => f.Type == FrameType.GoAway).WaitAsync(_patience)).ToString());
        await Task.WhenAll(idle.Ended, slow.Ended).WaitAsync(_patience);
    }

    [Fact]
    public async Task DotNets_client_downloads_and_uploads_on_many_streams_at_once()
    {
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"http://{_server.EndPoint}"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var bodies = Enumerable.Range(0, 20).Select(i => RandomNumberGenerator.GetBytes(i * 4_000)).ToArray();
        var echoes = bodies.Select(async body =>
        {
            using var response = await http.PostAsync("/", new ByteArrayContent(body));
            return await response.Content.ReadAsByteArrayAsync();
        }).ToArray();
        var gets = Enumerable.Range(0, 20).Select(i => http.GetByteArrayAsync($"/{i * 123_456}")).ToArray();
        var all = await Task.WhenAll(echoes).WaitAsync(_patience);
        for (var i = 0; i < bodies.Length; i++) Assert.True(bodies[i].AsSpan().SequenceEqual(all[i]));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i * 123_456), (await Task.WhenAll(gets).WaitAsync(_patience)).Select(b => b.Length));
        Assert.Single(_server.Sessions);
    }

    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual));

    private async Task UseAsync(SessionServer server)
    {
        await _server.DisposeAsync();
        _server = server;
    }

    private async Task<Socket> OpenAsync(RawClient client, int id)
    {
        var accepting = _origin.AcceptSocketAsync();
        await client.SendAsync(new ClientBytes().Headers(id, ClientBytes.Connect($"127.0.0.1:{OriginPort}")));
        var answer = await client.UntilAsync(f => f.Type == FrameType.Headers && f.Header.StreamId == id).WaitAsync(_patience);
        Assert.Equal([0x88], answer.Payload);
        return await accepting.WaitAsync(_patience);
    }

    private static async Task SendAllAsync(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent));
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        var until = DateTime.UtcNow + _patience;
        while (!isTrue())
        {
            Assert.True(DateTime.UtcNow < until, "It never came to be.");
            await Task.Delay(10);
        }
    }
}
