using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>What each of two proxies can see, captured in front of them: all connections, and all bytes before and after decryption.</summary>
public sealed class TwoHopPrivacyTests(TwoHopPrivacyTests.Shared shared) : IClassFixture<TwoHopPrivacyTests.Shared>
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
        // Nor a place: it says itself where the relay is.
        Assert.False(hops.First.Saw("geohash"));
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
        var hops = shared.Hops;
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

    [Fact]
    public async Task The_second_proxy_leaves_from_where_the_first_says_that_the_relay_is_as_soon_as_its_file_says_so_and_a_client_cannot_choose()
    {
        var hops = shared.Hops;
        await FetchAsync(hops);
        Assert.Equal(TwoHops.SecondEgress, hops.LastDestinationPeer);

        // The client's own word, and somebody's who has seen how a proof looks, are not heard.
        var tokens = new TokenPile(hops.SecondIssuer.Url, hops.SecondProxy);
        foreach (var hint in new[] { TwoHops.Place, $"{TwoHops.Place};proof={new string('0', 32)}" })
        {
            await using var tunnel = await TunnelProbe.ConnectAsync(
                hops.SecondProxy, ProxyVersion.Http1, new Uri(hops.DestinationUrl).Authority, [Credentials.Field(Credentials.Token(await tokens.TakeAsync())), new("sec-ch-geohash", hint)], early: "GET / HTTP/1.1\r\n\r\n");
            var head = await tunnel.ReadHeadAsync();
            Assert.Equal(200, head.Status);
            Assert.Empty(head["sec-ch-geohash"]);
            Assert.EndsWith(TwoHops.Page, await tunnel.ReadToEndAsync(), StringComparison.Ordinal);
            Assert.Equal(TwoHops.SecondEgressElsewhere, hops.LastDestinationPeer);
        }

        // The relay moves, or so its proxy's file says.
        await File.WriteAllTextAsync(hops.PlaceFile, $"{TwoHops.ClientAddress},u33d-DE\n");
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        do
        {
            await FetchAsync(hops, pages: 1);
            deadline.Token.ThrowIfCancellationRequested();
        }
        while (hops.LastDestinationPeer.Equals(TwoHops.SecondEgress));
        Assert.Equal(TwoHops.SecondEgressElsewhere, hops.LastDestinationPeer);
        ProductAssert.LogIsClean(hops.FirstProxy, "xn76", "u33d");
        ProductAssert.LogIsClean(hops.SecondProxy, "xn76", "u33d");
    }

    private static async Task FetchAsync(TwoHops hops, int pages = Pages)
    {
        for (var i = 0; i < pages; i++)
        {
            var result = await Curl.System.RunAsync("--proxy", $"socks5h://{hops.Relay.Socks.Authority}", hops.DestinationUrl);
            Assert.True(result.ExitCode == 0, result.Errors + hops.Relay.Log);
            Assert.Equal(TwoHops.Page, result.Text);
        }
    }

    /// <summary>For tests that do not count what has passed.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal TwoHops Hops { get; private set; } = null!;

        public async Task InitializeAsync() => Hops = await TwoHops.StartAsync("http1");

        public async Task DisposeAsync() => await Hops.DisposeAsync();
    }
}
