using Microsoft.Extensions.Logging;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Listener;

public sealed class LocalListenerTests
{
    [Fact]
    public async Task Beyond_the_connection_limit_a_client_is_served_when_another_one_leaves()
    {
        using var mint = new TokenMint();
        await using var echo = LoopbackServer.Echo();
        await using var proxy = new FakeProxy();
        var options = TestRelay.Options(roots: null, new HopOptions(proxy.Url, new Uri("https://issuer.example"), presharedKey: null));
        await using var relay = TestRelay.Start(mint, options.With(o => o.MaxConnections = 1));
        await using var first = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(first, "origin.example", echo.Port));

        await using var second = await relay.ConnectAsync();
        var waiting = TestRelay.SocksConnectAsync(second, "origin.example", echo.Port);
        await first.WriteAsync("x"u8.ToArray());
        await TestRelay.ReadAsync(first, 1);
        Assert.Single(proxy.Requests);

        first.Socket.Close();
        Assert.Equal(0, await waiting);
        Assert.Equal(2, proxy.Requests.Count);
    }

    [Fact]
    public async Task Connections_that_ask_for_nothing_make_room_for_one_that_does()
    {
        using var mint = new TokenMint();
        await using var echo = LoopbackServer.Echo();
        await using var proxy = new FakeProxy();
        var options = TestRelay.Options(roots: null, new HopOptions(proxy.Url, new Uri("https://issuer.example"), presharedKey: null));
        await using var relay = TestRelay.Start(mint, options.With(o => o.MaxConnections = 2));
        await using var tunnel = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(tunnel, "origin.example", echo.Port));
        await using var idle = await relay.ConnectAsync();
        await using var other = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(other, "origin.example", echo.Port));

        // Closed for it; the one with a tunnel was not.
        Assert.False(await IsOpenAsync(idle));
        await tunnel.WriteAsync("x"u8.ToArray());
        await TestRelay.ReadAsync(tunnel, 1);
    }

    private static async Task<bool> IsOpenAsync(Stream connection)
    {
        try
        {
            return await connection.ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [Fact]
    public async Task No_destination_token_or_key_reaches_a_log()
    {
        using var mint = new TokenMint();
        using var log = new CapturedLog();
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        await using var echo = LoopbackServer.Echo();
        await using var proxy = new FakeProxy(mint);
        var options = TestRelay.Options(roots: null, new HopOptions(proxy.Url, new Uri("https://issuer.example"), presharedKey: null));
        await using var relay = TestRelay.Start(mint, options, loggers);
        for (var i = 0; i < 2; i++)
        {
            // The second time the issuer is down and the key was rotated: the failing ways log too.
            await using var client = await relay.ConnectAsync();
            Assert.Equal(i, await TestRelay.SocksConnectAsync(client, "secret-origin.example", echo.Port));
            mint.Rotate();
            mint.IsDown = true;
        }

        Assert.Contains(log.Lines, line => line.Contains("Wallet refilled", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("Wallet refill failed", StringComparison.Ordinal));
        Assert.All(log.Lines, line => Assert.DoesNotContain("secret-origin", line));
        foreach (var sent in proxy.Requests.Select(r => r.Authorization).OfType<string>())
            Assert.All(log.Lines, line => Assert.DoesNotContain(sent["PrivateToken token=\"".Length..][..16], line));
    }
}
