using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Listener;

/// <summary><c>--listen localhost:PORT</c>: both loopback addresses, one port.</summary>
public sealed class LocalhostTests
{
    [SkippableFact]
    public async Task Both_loopback_addresses_have_the_port_and_each_is_told_of_itself()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "this machine has no IPv6");
        using var mint = new TokenMint();
        await using var echo = LoopbackServer.Echo();
        await using var proxy = new FakeProxy(mint);
        await using var relay = TestRelay.Start(mint, Options(proxy, "localhost:0"));
        Assert.Equal($"localhost:{relay.Port}", relay.Server.Authority);
        foreach (var (address, name) in new[] { (IPAddress.Loopback, "127.0.0.1"), (IPAddress.IPv6Loopback, "[::1]") })
        {
            await using var client = await ConnectAsync(address, relay.Port);
            Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", echo.Port));
            await TestRelay.EchoAsync(client);

            await using var browser = await ConnectAsync(address, relay.Port);
            await browser.WriteAsync(Encoding.ASCII.GetBytes("GET /proxy.pac HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            Assert.Contains($"\"SOCKS5 {name}:{relay.Port}; PROXY {name}:{relay.Port}\"", await TestRelay.ReadToEndAsync(browser), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_port_that_one_of_the_two_has_not_free_is_refused()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "this machine has no IPv6");
        using var mint = new TokenMint();
        await using var proxy = new FakeProxy(mint);
        using var taken = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        taken.Listen();
        var refused = Assert.Throws<SocketException>(() => TestRelay.Start(mint, Options(proxy, $"localhost:{((IPEndPoint)taken.LocalEndPoint!).Port}")));
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
    }

    [SkippableFact]
    public async Task Those_of_both_addresses_together_are_no_more_than_the_limit_and_wait_for_their_turn()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "this machine has no IPv6");
        using var mint = new TokenMint();
        await using var echo = LoopbackServer.Echo();
        await using var proxy = new FakeProxy(mint);
        await using var relay = TestRelay.Start(mint, Options(proxy, "localhost:0").With(static options => options.MaxConnections = 1));
        await using var first = await ConnectAsync(IPAddress.Loopback, relay.Port);
        Assert.Equal(0, await TestRelay.SocksConnectAsync(first, "origin.example", echo.Port));
        await using var second = await ConnectAsync(IPAddress.IPv6Loopback, relay.Port);
        var waiting = TestRelay.SocksConnectAsync(second, "origin.example", echo.Port);
        await TestRelay.EchoAsync(first);
        Assert.False(waiting.IsCompleted);
        first.Socket.Close();
        Assert.Equal(0, await waiting.WaitAsync(TestRelay.Patience));
    }

    private static RelayOptions Options(FakeProxy proxy, string listen) =>
        TestRelay.Options(roots: null, new HopOptions(proxy.Url, new Uri("https://issuer.example"), presharedKey: null)).With(options => options.Listen = listen);

    private static async Task<NetworkStream> ConnectAsync(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, port);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
