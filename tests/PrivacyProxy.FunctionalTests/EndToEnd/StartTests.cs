using System.Net;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Starting without what is needed, and stopping.</summary>
[Collection(NeighborsCollection.Name)]
public sealed class StartTests(ProductFixture product)
{
    [Fact]
    public async Task Without_its_issuer_the_proxy_starts_refuses_with_503_and_becomes_ready_when_the_issuer_comes()
    {
        await using var origin = TcpOrigin.Echo();
        using var keys = new TemporaryDirectory();
        var port = FreePort.Next();
        await using var proxy = await ProxyProcess.StartAsync(
        [
            "--issuer", $"{IssuerProcess.Name}=http://127.0.0.1:{port}/.well-known/private-token-issuer-directory",
            "--psk", ProductFixture.PresharedKey, "--allow-private", "--allow-ports", "any",
        ]);
        Assert.Equal(HttpStatusCode.OK, await proxy.ProbeAsync("/healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await proxy.ProbeAsync("/readyz"));

        var token = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        foreach (var version in new[] { ProxyVersion.Http1, ProxyVersion.Http2 })
        {
            var head = await TunnelProbe.AnswerAsync(proxy, version, origin.Authority, token);
            Assert.Equal(503, head.Status);
            Assert.NotEmpty(head["Retry-After"]);
            Assert.NotEmpty(head["Proxy-Status"]);
        }

        // What needs no issuer works meanwhile.
        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, ProductFixture.Preshared))
        {
        }

        await using var issuer = await IssuerProcess.StartAsync(keys.Path, port);
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        var fresh = await new TokenPile(issuer.Url, proxy).TakeAsync();
        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Token(fresh)))
        {
        }

        ProductAssert.LogIsClean(proxy, origin.Authority, fresh);
    }

    [Fact]
    public async Task An_issuer_that_goes_away_takes_nothing_from_a_proxy_that_has_its_keys()
    {
        await using var origin = TcpOrigin.Echo();
        using var keys = new TemporaryDirectory();
        await using var issuer = await IssuerProcess.StartAsync(keys.Path);
        await using var proxy = await ProxyProcess.StartAsync(
            ["--allow-private", "--allow-ports", "any"], issuer.Trusted(refresh: "00:00:01"));
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        var token = await new TokenPile(issuer.Url, proxy).TakeAsync();
        Assert.Equal(0, await issuer.TerminateAsync());
        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Token(token)))
        {
        }

        Assert.Equal(HttpStatusCode.OK, await proxy.ProbeAsync("/readyz"));
    }

    [Fact]
    public async Task On_SIGTERM_it_lets_an_open_tunnel_end_and_exits_with_0()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await ProxyProcess.StartAsync(["--psk", ProductFixture.PresharedKey, "--allow-private", "--allow-ports", "any"]);
        await using var tunnel = await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, ProductFixture.Preshared);
        var exit = proxy.TerminateAsync();
        await proxy.WaitForReadinessAsync(HttpStatusCode.ServiceUnavailable);

        await tunnel.SendAsync("still open");
        await tunnel.HalfCloseAsync();
        Assert.Equal("still open", await tunnel.ReadToEndAsync());
        Assert.Equal(0, await exit);
    }

    [Fact]
    public async Task On_SIGTERM_tunnels_that_do_not_end_are_cut_after_the_drain_timeout()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await ProxyProcess.StartAsync(
            ["--psk", ProductFixture.PresharedKey, "--allow-private", "--allow-ports", "any"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__Drain__Timeout"] = "00:00:01" });
        await using var tunnel = await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http2Tls, origin.Authority, ProductFixture.Preshared);
        Assert.Equal(0, await proxy.TerminateAsync());
        ProductAssert.LogIsClean(proxy, origin.Authority, tunnel.LocalAddress);
    }
}
