using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography.X509Certificates;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;
using PrivacyRelay.Upstream;
using PrivacyRelay.Upstream.Http1;
using PrivacyRelay.Upstream.Http2;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyRelay.Tests.Upstream;

/// <summary>What <c>--upstream auto</c> makes of proxies of all kinds.</summary>
public sealed class NegotiationTests : IAsyncLifetime
{
    private const int Tunnels = 3;

    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private readonly TokenMint _mint = new();
    private readonly LoopbackServer _echo = LoopbackServer.Echo();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _echo.DisposeAsync();
        _mint.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public async Task A_proxy_that_speaks_HTTP_2_is_asked_over_it()
    {
        await using var classic = new FakeProxy(_mint);
        await using var proxy = await FakeHttp2Proxy.StartAsync(_certificate, _mint, http1: classic);
        await OpenTunnelsAsync(proxy.Url);
        Assert.Equal((1, Tunnels), (proxy.Accepted, proxy.Gate.Spent.Count));
        Assert.Empty(classic.Requests);
    }

    [Fact]
    public async Task A_proxy_that_knows_nothing_but_CONNECT_is_asked_by_CONNECT_and_no_connection_is_wasted()
    {
        await using var proxy = new FakeProxy(_mint, _certificate);
        await OpenTunnelsAsync(proxy.Url);
        Assert.Equal(Tunnels, proxy.Spent.Count);
        // One more than tunnels: the one that learnt the challenge.
        Assert.Equal((Tunnels + 1, Tunnels + 1), (proxy.Accepted, proxy.Requests.Count));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task A_proxy_whose_HTTP_2_is_for_something_else_is_asked_by_CONNECT_from_then_on(int status)
    {
        await using var classic = new FakeProxy(_mint);
        await using var proxy = await FakeHttp2Proxy.StartAsync(_certificate, _mint, http1: classic);
        proxy.FixedStatus = status;
        await OpenTunnelsAsync(proxy.Url);
        Assert.Single(proxy.Requests);
        Assert.Equal(Tunnels, classic.Spent.Count);
    }

    [Fact]
    public async Task A_proxy_without_TLS_is_asked_by_CONNECT()
    {
        await using var proxy = new FakeProxy(_mint);
        await OpenTunnelsAsync(proxy.Url);
        Assert.Equal(Tunnels, proxy.Spent.Count);
    }

    [Fact]
    public async Task Told_to_speak_HTTP_1_the_relay_does_not_try_another()
    {
        await using var classic = new FakeProxy(_mint);
        await using var proxy = await FakeHttp2Proxy.StartAsync(_certificate, _mint, http1: classic);
        await OpenTunnelsAsync(proxy.Url, UpstreamVersion.Http1);
        Assert.Empty(proxy.Requests);
        Assert.Equal(Tunnels, classic.Spent.Count);
    }

    [Fact]
    public async Task Told_to_speak_HTTP_2_the_relay_fails_at_a_proxy_that_does_not()
    {
        await using var proxy = new FakeProxy(_mint, _certificate);
        await using var relay = Start(proxy.Url, UpstreamVersion.Http2);
        await using var client = await relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(client, "origin.example", _echo.Port));
        Assert.Empty(proxy.Requests);
    }

    [Fact]
    public async Task A_proxy_that_does_not_answer_on_UDP_is_asked_over_TCP_and_UDP_is_not_tried_again()
    {
        await using var proxy = await FakeHttp2Proxy.StartAsync(_certificate, _mint);
        proxy.Gate.PresharedKey = "k";
        var tries = 0;
        var peer = new ProxyPeer(proxy.Url, new TrustPolicy([_certificate]), geohash: null);
        var http3 = new Http3Hop(peer, (_, _) =>
        {
            tries++;
            throw new IOException("blocked");
        }, TimeProvider.System);
        var protocol = new NegotiatedHop(http3, new Http2Hop(peer, peer.DialAsync, TestRelay.Quick, offersHttp1: true), new Http1Hop(peer, peer.DialAsync), TimeProvider.System);
        await using var hop = new Hop(protocol, new PresharedCredentials("k"), "The proxy");
        for (var i = 0; i < Tunnels; i++)
            await (await hop.OpenAsync(TunnelKind.Tcp, Destination.Create("origin.example", _echo.Port)!, CancellationToken.None)).DisposeAsync();
        Assert.Equal((1, Tunnels), (tries, proxy.Requests.Count));
    }

    [SkippableFact]
    public void HTTP_3_without_libmsquic_is_no_valid_setting()
    {
        Skip.If(System.Net.Quic.QuicConnection.IsSupported, "libmsquic is installed");
        var options = TestRelay.Options(_certificate, UpstreamVersion.Http3, new HopOptions(new Uri("https://proxy.example"), issuer: null, "k"));
        var problem = Assert.Single(options.Validate(new ValidationContext(options)));
        Assert.Contains("libmsquic", problem.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(["Upstream"], problem.MemberNames);
    }

    private async Task OpenTunnelsAsync(Uri proxy, UpstreamVersion version = UpstreamVersion.Auto)
    {
        await using var relay = Start(proxy, version);
        for (var i = 0; i < Tunnels; i++) await (await relay.OpenEchoAsync(_echo.Port)).DisposeAsync();
    }

    private TestRelay Start(Uri proxy, UpstreamVersion version) =>
        TestRelay.Start(_mint, TestRelay.Options(_certificate, version, new HopOptions(proxy, new Uri("https://issuer.example"), presharedKey: null)));
}
