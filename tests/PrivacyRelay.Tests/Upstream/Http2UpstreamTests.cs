using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Upstream;

/// <summary>Tunnels over HTTP/2 and extended CONNECT, to a proxy that speaks it.</summary>
public sealed class Http2UpstreamTests : IAsyncLifetime
{
    private const int Wait = 30;

    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly TokenMint _mint = new();
    private readonly LoopbackServer _echo = LoopbackServer.Echo();
    private FakeHttp2Proxy _proxy = null!;
    private TestRelay _relay = null!;

    public async Task InitializeAsync()
    {
        _proxy = await FakeHttp2Proxy.StartAsync(_certificate, _mint);
        _relay = Start(_proxy);
    }

    public async Task DisposeAsync()
    {
        await _relay.DisposeAsync();
        await _proxy.DisposeAsync();
        await _echo.DisposeAsync();
        _mint.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public async Task A_hundred_tunnels_share_one_connection_and_each_is_paid()
    {
        var tunnels = await OpenAsync(_relay, 100);
        foreach (var tunnel in tunnels) await TestRelay.EchoAsync(tunnel);
        Assert.Equal(1, _proxy.Accepted);
        Assert.Equal(100, _proxy.Gate.Spent.Count);
        // One request learnt the challenge; each other one carried a token that was good.
        Assert.Equal(101, _proxy.Requests.Count);
        Assert.All(_proxy.Requests, request => Assert.Equal(("connect-tcp", $"/.well-known/masque/tcp/origin.example/{_echo.Port}/"), (request.Protocol, request.Path)));
        await CloseAsync(tunnels);
    }

    [Fact]
    public async Task More_tunnels_than_a_connection_may_carry_open_as_many_connections_as_they_need()
    {
        await using var small = await FakeHttp2Proxy.StartAsync(_certificate, _mint, maxStreams: 4);
        await using var relay = Start(small);
        var tunnels = await OpenAsync(relay, 10);
        Assert.Equal(10, small.Gate.Spent.Count);
        Assert.InRange(small.Accepted, 3, 10);
        await CloseAsync(tunnels);
    }

    [Fact]
    public async Task A_lost_connection_fails_its_tunnels_and_the_next_tunnel_opens_a_new_one()
    {
        var tunnels = await OpenAsync(_relay, 3);
        _proxy.Cut();
        foreach (var tunnel in tunnels) await Assert.ThrowsAnyAsync<IOException>(() => TestRelay.ReadAsync(tunnel, 1));
        await using var next = await _relay.OpenEchoAsync(_echo.Port);
        Assert.Equal(2, _proxy.Accepted);
        await CloseAsync(tunnels);
    }

    [Fact]
    public async Task A_proxy_that_goes_away_keeps_its_tunnels_and_gets_no_new_ones_on_that_connection()
    {
        await using var old = await _relay.OpenEchoAsync(_echo.Port);
        _proxy.GoAway();
        await WaitAsync(async () =>
        {
            await using var tunnel = await _relay.OpenEchoAsync(_echo.Port);
            return _proxy.Accepted == 2;
        });
        await TestRelay.EchoAsync(old);
    }

    [Fact]
    public async Task A_tunnel_nobody_reads_from_does_not_stall_the_others()
    {
        await using var flood = new LoopbackServer(async (socket, stop) =>
        {
            var bytes = new byte[1 << 16];
            while (true) await socket.SendAsync(bytes, stop);
        });
        var stalled = new List<NetworkStream>();
        for (var i = 0; i < 8; i++)
        {
            var client = await _relay.ConnectAsync();
            Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", flood.Port));
            stalled.Add(client);
        }

        await EchoAllAsync(_relay, 5_000_000);
        Assert.Equal(1, _proxy.Accepted);
        await CloseAsync(stalled);
    }

    [Fact]
    public async Task Half_closes_travel_both_ways()
    {
        await EchoAllAsync(_relay, 500_000);
    }

    [Fact]
    public async Task What_is_sent_after_the_destination_has_ended_arrives_whole()
    {
        var received = new TaskCompletionSource<byte[]>();
        await using var early = new LoopbackServer(async (socket, stop) =>
        {
            await using var stream = new NetworkStream(socket);
            socket.Shutdown(SocketShutdown.Send);
            using var all = new MemoryStream();
            await stream.CopyToAsync(all, stop);
            received.SetResult(all.ToArray());
        });
        var sent = Random(3_000_000);
        await using (var client = await _relay.ConnectAsync())
        {
            Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", early.Port));
            Assert.Equal("", await TestRelay.ReadToEndAsync(client));
            await client.WriteAsync(sent);
            client.Socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(sent, await received.Task.WaitAsync(TimeSpan.FromSeconds(Wait)));
        }
    }

    [Fact]
    public async Task A_program_that_goes_away_ends_its_tunnel_at_the_proxy_and_not_the_connection()
    {
        var ended = new TaskCompletionSource();
        await using var origin = new LoopbackServer(async (socket, stop) =>
        {
            await using var stream = new NetworkStream(socket);
            await stream.CopyToAsync(Stream.Null, stop).ContinueWith(_ => ended.SetResult(), TaskScheduler.Default);
        });
        var client = await _relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", origin.Port));
        client.Socket.Close(timeout: 0);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(Wait));
        await using var next = await _relay.OpenEchoAsync(_echo.Port);
        Assert.Equal(1, _proxy.Accepted);
    }

    [Fact]
    public async Task A_rotated_key_is_answered_with_a_new_token_on_the_same_connection()
    {
        await using (await _relay.OpenEchoAsync(_echo.Port)) _mint.Rotate();
        await using (await _relay.OpenEchoAsync(_echo.Port)) Assert.Equal(2, _proxy.Gate.Spent.Count);
        Assert.Equal((4, 1), (_proxy.Requests.Count, _proxy.Accepted));
    }

    [Fact]
    public async Task A_proxy_that_refuses_every_token_is_asked_twice_and_the_program_is_told()
    {
        _proxy.Gate.RefuseAll = true;
        await using var client = await _relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", _echo.Port));
        Assert.Equal(3, _proxy.Requests.Count);
    }

    [Fact]
    public async Task A_token_stays_in_the_wallet_when_the_proxy_cannot_be_reached()
    {
        // One token to prove the challenge, then four at once, of which one is spent.
        for (var i = 0; i < 2; i++) await (await _relay.OpenEchoAsync(_echo.Port)).DisposeAsync();
        Assert.Equal(5, _mint.Issued);
        await _proxy.DisposeAsync();
        for (var i = 0; i < 20; i++)
        {
            await using var client = await _relay.ConnectAsync();
            Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", _echo.Port));
        }

        Assert.Equal(5, _mint.Issued);
    }

    [Fact]
    public async Task The_geohash_hint_is_sent()
    {
        var options = TestRelay.Options(_certificate, UpstreamVersion.Http2, Hop(_proxy));
        await using var relay = TestRelay.Start(_mint, options.With(o => o.Geohash = "xn76c-JP"));
        await using var tunnel = await relay.OpenEchoAsync(_echo.Port);
        Assert.All(_proxy.Requests, request => Assert.Equal("xn76c-JP", request.Geohash));
    }

    [Fact]
    public async Task An_untrusted_certificate_ends_the_try_before_any_request()
    {
        await using var relay = TestRelay.Start(_mint, TestRelay.Options(roots: null, UpstreamVersion.Http2, Hop(_proxy)));
        await using var client = await relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", 443));
        Assert.Empty(_proxy.Requests);
    }

    private static HopOptions Hop(FakeHttp2Proxy proxy) => new(proxy.Url, new Uri("https://issuer.example"), presharedKey: null);

    private TestRelay Start(FakeHttp2Proxy proxy) => TestRelay.Start(_mint, TestRelay.Options(_certificate, UpstreamVersion.Http2, Hop(proxy)));

    private async Task<NetworkStream[]> OpenAsync(TestRelay relay, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => relay.OpenEchoAsync(_echo.Port)));

    private static async Task CloseAsync(IEnumerable<NetworkStream> tunnels)
    {
        foreach (var tunnel in tunnels) await tunnel.DisposeAsync();
    }

    private async Task EchoAllAsync(TestRelay relay, int size)
    {
        await using var client = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", _echo.Port));
        var sent = Random(size);
        var writing = Task.Run(async () =>
        {
            await client.WriteAsync(sent);
            client.Socket.Shutdown(SocketShutdown.Send);
        });
        var received = await TestRelay.ReadToEndAsync(client);
        await writing;
        Assert.Equal(sent, Encoding.Latin1.GetBytes(received));
    }

    private static byte[] Random(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Until it holds, in a bounded time.</summary>
    private static async Task WaitAsync(Func<Task<bool>> holds)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(Wait));
        while (!await holds())
        {
            timeout.Token.ThrowIfCancellationRequested();
            await Task.Delay(20, timeout.Token);
        }
    }
}
