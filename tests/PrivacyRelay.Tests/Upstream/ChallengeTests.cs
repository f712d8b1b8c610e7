using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests.Upstream;

public sealed class ChallengeTests : RelayTests
{
    [Fact]
    public async Task Each_tunnel_is_paid_with_a_token_of_its_own()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => OpenAsync(reply: 0)));
        Assert.Equal(12, Proxy.Spent.Count);
        // One request learnt the challenge; every other one carried a token that was good.
        Assert.Equal(1, Proxy.Refusals);
    }

    [Fact]
    public async Task A_rotated_key_is_answered_with_new_tokens_after_one_refusal()
    {
        await OpenAsync(reply: 0);
        Mint.Rotate();
        await OpenAsync(reply: 0);
        await OpenAsync(reply: 0);
        Assert.Equal(3, Proxy.Spent.Count);
        Assert.Equal(2, Proxy.Refusals);
    }

    [Fact]
    public async Task A_proxy_that_refuses_every_token_is_asked_twice_and_the_client_is_told()
    {
        await OpenAsync(reply: 0);
        Proxy.RefuseAll = true;
        await OpenAsync(reply: 1);
        Assert.Equal(4, Proxy.Requests.Count);
        Proxy.RefuseAll = false;
        await OpenAsync(reply: 0);
    }

    [Fact]
    public async Task A_proxy_that_makes_a_new_challenge_each_time_gets_one_token_for_each_try_and_no_more_are_fetched()
    {
        Proxy.RefuseAll = true;
        Proxy.Challenging = Mint.Rotate;
        for (var i = 0; i < 5; i++) await OpenAsync(reply: 1);
        Assert.Equal(Proxy.Requests.Count(request => request.Authorization is not null), Mint.Issued);
        Assert.InRange(Mint.Issued, 5, 10);
    }

    [Fact]
    public async Task A_token_that_was_refused_is_not_sent_again()
    {
        await OpenAsync(reply: 0);
        Proxy.RefuseAll = true;
        await OpenAsync(reply: 1);
        Proxy.RefuseAll = false;
        await OpenAsync(reply: 0);
        var sent = Proxy.Requests.Select(r => r.Authorization).OfType<string>().ToArray();
        Assert.Equal(sent.Length, sent.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task An_issuer_that_is_down_fails_the_tunnel_and_not_the_next_one()
    {
        Mint.IsDown = true;
        await OpenAsync(reply: 1);
        Mint.IsDown = false;
        await OpenAsync(reply: 0);
    }

    [Fact]
    public async Task A_proxy_that_asks_for_nothing_gets_nothing()
    {
        await using var open = new FakeProxy();
        await using var relay = TestRelay.Start(Mint, open);
        for (var i = 0; i < 3; i++)
        {
            await using var client = await relay.ConnectAsync();
            Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        }

        Assert.All(open.Requests, r => Assert.Null(r.Authorization));
        Assert.Equal(0, Mint.Requests);
    }

    [Fact]
    public async Task A_preshared_key_is_sent_in_place_of_tokens()
    {
        Proxy.PresharedKey = "k3y";
        await using var relay = TestRelay.Start(Mint, TestRelay.Options(roots: null, new HopOptions(Proxy.Url, issuer: null, "k3y")));
        await using var client = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        Assert.Equal("Preshared k3y", Assert.Single(Proxy.Requests).Authorization);
        Assert.Equal(0, Mint.Requests);
    }

    [Fact]
    public async Task A_wrong_preshared_key_is_tried_once()
    {
        Proxy.PresharedKey = "other";
        await using var relay = TestRelay.Start(Mint, TestRelay.Options(roots: null, new HopOptions(Proxy.Url, issuer: null, "k3y")));
        await using var client = await relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        Assert.Single(Proxy.Requests);
    }

    [Fact]
    public async Task The_geohash_hint_is_sent()
    {
        var hop = new HopOptions(Proxy.Url, new Uri("https://issuer.example"), presharedKey: null);
        var options = TestRelay.Options(roots: null, hop);
        await using var relay = TestRelay.Start(Mint, options.With(o => o.Geohash = "xn76c-JP"));
        await using var client = await relay.ConnectAsync();
        Assert.Equal(0, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        Assert.All(Proxy.Requests, r => Assert.Contains("\r\nsec-ch-geohash: xn76c-JP\r\n", r.Head));
    }

    [Fact]
    public async Task A_challenge_made_for_another_proxy_is_not_answered()
    {
        using var mint = new TokenMint();
        mint.ChallengeFor("other.example");
        await using var proxy = new FakeProxy(mint);
        await using var relay = TestRelay.Start(mint, proxy);
        await using var client = await relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        Assert.Equal(0, mint.Requests);
    }

    [Fact]
    public async Task A_proxy_that_cannot_be_reached_is_a_general_failure()
    {
        var dead = new HopOptions(new Uri($"http://127.0.0.1:{LoopbackServer.ClosedPort()}"), issuer: null, "k");
        await using var relay = TestRelay.Start(Mint, TestRelay.Options(roots: null, dead));
        await using var client = await relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", 443));
    }

    private async Task OpenAsync(byte reply)
    {
        await using var client = await Relay.ConnectAsync();
        Assert.Equal(reply, await TestRelay.SocksConnectAsync(client, "origin.example", Echo.Port));
        if (reply != 0) return;
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await TestRelay.ReadAsync(client, 1));
    }
}
