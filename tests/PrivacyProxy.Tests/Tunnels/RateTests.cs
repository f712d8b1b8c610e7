using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels.Rates;

namespace PrivacyProxy.Tests.Tunnels;

/// <summary>Rates of new tunnels, by destination and by network of clients.</summary>
public sealed class RateTests
{
    // A token comes back after the test is over.
    private const int Slow = 1;

    [Fact]
    public void A_destination_has_its_share_and_another_one_its_own()
    {
        var rates = Rates(options => (options.PerDestination, options.DestinationBurst) = (Slow, 1000));
        var hot = new TunnelTarget("hot.example", null, 443);
        var admitted = Enumerable.Range(0, 3000).Count(_ => rates.Admit(hot, out var _));
        Assert.InRange(admitted, 1000, 1200);
        // Of so many others a few may share its place.
        Assert.InRange(Enumerable.Range(0, 100).Count(i => rates.Admit(new TunnelTarget($"host-{i}.example", null, 443), out var _)), 90, 100);
        Assert.True(rates.Admit(IPAddress.Loopback));
        Assert.False(rates.LimitSources);
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.9", "198.51.101.7")]
    [InlineData("2001:db8:1:100::7", "2001:db8:1:1ff::9", "2001:db8:1:200::7")]
    [InlineData("::ffff:198.51.100.7", "198.51.100.9", "198.51.101.7")]
    public void A_network_has_one_share_for_all_its_addresses(string client, string neighbour, string other)
    {
        var rates = Rates(options => (options.PerSource, options.SourceBurst) = (Slow, 1000));
        Assert.True(rates.LimitSources);
        for (var i = 0; i < 3000; i++) rates.Admit(IPAddress.Parse(client));
        Assert.InRange(Enumerable.Range(0, 100).Count(_ => rates.Admit(IPAddress.Parse(neighbour))), 0, 90);
        Assert.True(rates.Admit(IPAddress.Parse(other)));
    }

    [Fact]
    public void Without_limits_everything_is_admitted()
    {
        var rates = Rates(static _ => { });
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(rates.Admit(new TunnelTarget("a.example", null, 443), out var _) && rates.Admit(IPAddress.Loopback)));
    }

    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http1Native)]
    [InlineData(TestWay.Http2Native)]
    public async Task One_request_too_many_is_answered_with_429_before_its_credentials_are_looked_at(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, rates: static rates => (rates.PerSource, rates.SourceBurst) = (Slow, 2));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            await using var client = await TestClient.ConnectAsync(proxy, way);
            return await client.RequestAsync("origin.test:443");
        }));
        var refused = answers.Where(static answer => answer.Status == 429).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, static answer => Assert.Equal(("privacy-proxy; error=rate_limited", "1"), (answer["proxy-status"], answer["retry-after"])));
        Assert.Equal(answers.Length - refused.Count, proxy.Redeemer.Seen.Count);
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_and_is_never_more_than_the_burst()
    {
        var rates = Rates(options => (options.PerDestination, options.DestinationBurst) = (Slow, 10));
        var target = new TunnelTarget("a.example", null, 443);
        var shares = Enumerable.Range(0, 10).Select(_ => (IsAdmitted: rates.Admit(target, out var share), Share: share)).ToList();
        Assert.All(shares, static each => Assert.True(each.IsAdmitted));
        Assert.False(rates.Admit(target, out var none));
        none.GiveBack();
        shares[0].Share.GiveBack();
        Assert.True(rates.Admit(target, out _));
        // Twice, which nobody does, stands for a bucket that has filled meanwhile.
        foreach (var (_, share) in shares.Concat(shares)) share.GiveBack();
        Assert.InRange(Enumerable.Range(0, 100).Count(_ => rates.Admit(target, out var _)), 10, 12);
    }

    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http1Native)]
    [InlineData(TestWay.Http2Native)]
    public async Task A_destination_that_is_asked_for_too_fast_costs_no_token_and_strangers_use_nothing_up(TestWay way)
    {
        const int Burst = 3;
        using var origin = new TestOrigin();
        await using var proxy = await ProxyFixture.StartAsync(way, rates: static rates => (rates.PerDestination, rates.DestinationBurst) = (Slow, Burst));
        proxy.Redeemer.Decide = static _ => RedemptionResult.AlreadySpent;
        for (var i = 0; i < 4 * Burst; i++) Assert.Equal(407, (await AskAsync()).Status);
        proxy.Redeemer.Decide = static _ => RedemptionResult.Accepted;
        var opened = 0;
        TestAnswer answer;
        while ((answer = await AskAsync()).Status == 200) opened++;
        Assert.Equal(("privacy-proxy; error=rate_limited", 429), (answer["proxy-status"], answer.Status));
        // Some come back meanwhile, if the test takes its time.
        Assert.InRange(opened, Burst, 4 * Burst);
        // Whoever was refused for it was not asked for a token.
        Assert.Equal((4 * Burst) + opened, proxy.Redeemer.Seen.Count);

        async Task<TestAnswer> AskAsync()
        {
            await using var client = await TestClient.ConnectAsync(proxy, way);
            return await client.RequestAsync(origin.Authority);
        }
    }

    private static TunnelRates Rates(Action<RateOptions> configure)
    {
        var options = new RateOptions();
        configure(options);
        return new TunnelRates(Options.Create(options));
    }
}
