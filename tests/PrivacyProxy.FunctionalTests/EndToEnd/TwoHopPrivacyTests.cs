using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>What each of two proxies can see, captured in front of them: all connections, and all bytes before and after decryption.</summary>
public sealed class TwoHopPrivacyTests
{
    private const int Pages = 3;

    [Theory]
    [InlineData("http1")]
    [InlineData("http2")]
    public async Task The_first_proxy_sees_the_client_and_the_second_proxy_and_the_second_sees_the_first_and_the_destination(string upstream)
    {
        await using var hops = await TwoHops.StartAsync(upstream);
        await FetchAsync(hops);

        // The first proxy: the client's address, the second proxy's name, tokens of its own issuer.
        Assert.Equal([TwoHops.ClientAddress], hops.First.Peers);
        Assert.Equal([hops.SecondAuthority], hops.First.Targets);
        Assert.NotEmpty(hops.First.Tokens);
        // Not the destination, by name or address, and nothing that is said to it.
        Assert.False(hops.First.Saw("destination"));
        Assert.False(hops.First.Saw(TwoHops.DestinationAddress.ToString()));
        Assert.False(hops.First.Saw("GET /"));
        // Nor can whoever watches the way between the two: that is what the first sends on.
        Assert.DoesNotContain("destination", hops.Second.Wire.Text, StringComparison.OrdinalIgnoreCase);

        // The second proxy: the first one's address, the destination, tokens of its own issuer.
        Assert.Equal([TwoHops.FirstEgress], hops.Second.Peers);
        Assert.Equal([new Uri(hops.DestinationUrl).Authority], hops.Second.Targets);
        Assert.Equal(Pages, hops.Second.Tokens.Count);
        // What is looked for in vain at the first proxy is found here: the search would have found it there.
        Assert.True(hops.Second.Saw("GET /"));
        // Not the client's address.
        Assert.False(hops.Second.Saw(TwoHops.ClientAddress.ToString()));

        // Neither sees what pays the other, and the destination sees the second alone.
        Assert.All(hops.Second.Tokens, token => Assert.False(hops.First.Saw(token)));
        Assert.All(hops.First.Tokens, token => Assert.False(hops.Second.Saw(token)));
        Assert.NotEqual(Assert.Single(hops.First.Keys), Assert.Single(hops.Second.Keys));
        Assert.Equal([TwoHops.SecondEgress], hops.DestinationPeers);
        Assert.DoesNotContain("destination", hops.Relay.Log, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Over_HTTP_2_the_first_proxy_carries_one_tunnel_and_cannot_count_those_inside()
    {
        await using var hops = await TwoHops.StartAsync("auto");
        await FetchAsync(hops);
        Assert.Equal((1, 1), (hops.First.Connections, hops.Second.Connections));
        Assert.Equal((1, Pages), (hops.First.Tokens.Count, hops.Second.Tokens.Count));
    }

    [Fact]
    public async Task The_first_proxy_leads_to_the_second_and_nowhere_else_whatever_a_client_pays()
    {
        await using var hops = await TwoHops.StartAsync("http1");
        await FetchAsync(hops);
        var tokens = new TokenPile(hops.FirstIssuer.Url, hops.FirstProxy);
        foreach (var authority in new[] { $"{TwoHops.DestinationName}:80", $"{TwoHops.DestinationAddress}:80", "127.0.0.1:443", "other.localhost:443", "example.com:443" })
        {
            foreach (var version in new[] { ProxyVersion.Http1, ProxyVersion.Http2 })
            {
                var head = await TunnelProbe.AnswerAsync(hops.FirstProxy, version, authority, Credentials.Field(Credentials.Token(await tokens.TakeAsync())));
                Assert.Equal((authority, 403, "http_request_denied"), (authority, head.Status, head.ProxyStatusError));
            }

            var udp = await TemplatedProbe.AnswerAsync(hops.FirstProxy, ProxyVersion.Http2, TemplatedProbe.Udp, authority, Credentials.Field(Credentials.Token(await tokens.TakeAsync())));
            Assert.Equal((authority, 403, "http_request_denied"), (authority, udp.Status, udp.ProxyStatusError));
        }

        ProductAssert.LogIsClean(hops.FirstProxy, "destination.example", "example.com", TwoHops.DestinationAddress.ToString());
    }

    private static async Task FetchAsync(TwoHops hops)
    {
        for (var i = 0; i < Pages; i++)
        {
            var result = await Curl.System.RunAsync("--proxy", $"socks5h://{hops.Relay.Socks.Authority}", hops.DestinationUrl);
            Assert.True(result.ExitCode == 0, result.Errors + hops.Relay.Log);
            Assert.Equal(TwoHops.Page, result.Text);
        }
    }
}
