using System.Net.Sockets;
using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Upstream;

public sealed class TwoHopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_proxy_gets_tokens_of_its_own_and_only_the_second_learns_the_destination(bool tls)
    {
        using var certificate = TestCertificate.Create();
        using var nearMint = new TokenMint("near.example");
        using var farMint = new TokenMint("far.example");
        await using var near = new FakeProxy(nearMint, tls ? certificate : null);
        await using var far = new FakeProxy(farMint, tls ? certificate : null);
        await using var echo = LoopbackServer.Echo();
        await using var relay = StartTwoHops(nearMint, farMint, near, far, tls ? certificate : null);

        for (var i = 0; i < 3; i++) await EchoAsync(relay, echo.Port);

        Assert.Equal(3, far.Spent.Count);
        // The first tunnel also taught the second proxy's challenge, at the price of a token of the first.
        Assert.Equal(4, near.Spent.Count);
        Assert.All(near.Requests, r => Assert.Equal(far.Url.Authority, r.Authority));
        Assert.All(far.Requests, r => Assert.Equal($"origin.example:{echo.Port}", r.Authority));
        Assert.Empty(near.Spent.Keys.Intersect(far.Spent.Keys));
    }

    [Fact]
    public async Task Half_closes_travel_through_tls_in_tls()
    {
        using var certificate = TestCertificate.Create();
        using var mint = new TokenMint();
        await using var near = new FakeProxy(mint, certificate);
        await using var far = new FakeProxy(mint, certificate);
        await using var echo = LoopbackServer.Echo();
        await using var relay = StartTwoHops(mint, mint, near, far, certificate);
        await using var client = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", echo.Port));
        var sent = new byte[500_000];
        new Random(3).NextBytes(sent);
        var writing = Task.Run(async () =>
        {
            await client.WriteAsync(sent);
            client.Socket.Shutdown(SocketShutdown.Send);
        });
        var received = await TestRelay.ReadToEndAsync(client);
        await writing;
        Assert.Equal(sent, Encoding.Latin1.GetBytes(received));
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_ends_the_try_before_any_token_is_sent()
    {
        using var certificate = TestCertificate.Create();
        using var mint = new TokenMint();
        await using var proxy = new FakeProxy(mint, certificate);
        await using var relay = TestRelay.Start(mint, proxy);
        await using var client = await relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", 443));
        Assert.Empty(proxy.Requests);
        Assert.Equal(0, mint.Requests);
    }

    private static TestRelay StartTwoHops(TokenMint nearMint, TokenMint farMint, FakeProxy near, FakeProxy far, System.Security.Cryptography.X509Certificates.X509Certificate2? roots) =>
        TestRelay.Start(
            new MintByHost(nearMint, farMint),
            TestRelay.Options(
                roots,
                new HopOptions(near.Url, new Uri("https://near.example"), presharedKey: null),
                new HopOptions(far.Url, new Uri("https://far.example"), presharedKey: null)));

    private static async Task EchoAsync(TestRelay relay, int port)
    {
        await using var client = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", port));
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await TestRelay.ReadAsync(client, 1));
    }

    private sealed class MintByHost(TokenMint near, TokenMint far) : PrivacyRelay.Wallet.ITokenSourceFactory
    {
        public PrivacyRelay.Wallet.ITokenSource Create(HopOptions hop) => hop.Issuer!.Host == "near.example" ? near : far;
    }
}
