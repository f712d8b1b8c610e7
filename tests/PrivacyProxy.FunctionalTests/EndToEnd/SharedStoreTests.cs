using System.Net;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>The real executable over a real memcached: spent once among all proxies, refused while it is away, back without a restart.</summary>
[Collection(NeighborsCollection.Name)]
public sealed class SharedStoreTests(ProductFixture product)
{
    [SkippableFact]
    public async Task A_token_that_one_proxy_accepted_is_refused_by_the_other_before_during_and_after_an_outage_of_memcached()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var origin = TcpOrigin.Echo();
        await using var memcached = await MemcachedProcess.StartAsync("-m", "64", "-M");
        await using var a = await StartAsync(memcached.Address);
        await using var b = await StartAsync(memcached.Address);
        await Task.WhenAll(a.WaitForReadinessAsync(HttpStatusCode.OK), b.WaitForReadinessAsync(HttpStatusCode.OK));

        var (byA, byB) = (await product.Tokens.TakeAsync(), await product.Tokens.TakeAsync());
        Assert.Equal(200, (await AnswerAsync(a, origin, byA)).Status);
        ProductAssert.IsChallenge(await AnswerAsync(b, origin, byA), PrivacyPass.TokenType.BlindRsa2048);
        Assert.Equal(200, (await AnswerAsync(b, origin, byB)).Status);
        Assert.Equal(407, (await AnswerAsync(a, origin, byB)).Status);

        await memcached.KillAsync();
        foreach (var proxy in (ProxyProcess[])[a, b])
        {
            await IsRefusedForNowAsync(proxy, origin, await product.Tokens.TakeAsync());
            await IsRefusedForNowAsync(proxy, origin, byA);
            await proxy.WaitForReadinessAsync(HttpStatusCode.ServiceUnavailable);
        }

        await memcached.RestartEmptyAsync();
        foreach (var proxy in (ProxyProcess[])[a, b])
        {
            await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
            Assert.Equal(407, (await AnswerAsync(proxy, origin, byA)).Status);
            Assert.Equal(407, (await AnswerAsync(proxy, origin, byB)).Status);
            Assert.Equal(200, (await AnswerAsync(proxy, origin, await product.Tokens.TakeAsync())).Status);
            Assert.Contains(memcached.Address, proxy.Log, StringComparison.Ordinal);
            ProductAssert.LogIsClean(proxy, origin.Authority, byA, byB);
        }
    }

    [SkippableFact]
    public async Task Without_memcached_the_proxy_starts_names_the_server_refuses_with_503_and_serves_when_it_comes()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var origin = TcpOrigin.Echo();
        await using var memcached = await MemcachedProcess.StartAsync("-m", "64", "-M");
        await memcached.KillAsync();
        await using var proxy = await StartAsync(memcached.Address);
        Assert.Equal(HttpStatusCode.OK, await proxy.ProbeAsync("/healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await proxy.ProbeAsync("/readyz"));
        var token = await product.Tokens.TakeAsync();
        await IsRefusedForNowAsync(proxy, origin, token);
        Assert.Contains(memcached.Address, proxy.Log, StringComparison.Ordinal);

        await memcached.RestartEmptyAsync();
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        Assert.Equal(200, (await AnswerAsync(proxy, origin, token)).Status);
        Assert.Equal(407, (await AnswerAsync(proxy, origin, token)).Status);
        ProductAssert.LogIsClean(proxy, origin.Authority, token);
    }

    private Task<ProxyProcess> StartAsync(string servers) => ProxyProcess.StartAsync(
        ["--store", "Memcached", "--memcached", servers, "--issuer", $"{IssuerProcess.Name}={product.Issuer.Directory}", "--allow-private", "--allow-ports", "any"],
        // Tokens for any origin, as those of the fixture are.
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PrivacyProxy__Authentication__OriginInfo"] = "",
            // A machine that runs other tests beside may leave a healthy memcached without CPU for a while.
            ["PrivacyProxy__SpentTokens__Memcached__Deadline"] = "00:00:05",
        });

    /// <summary>503, when to come back, and why.</summary>
    private static async Task IsRefusedForNowAsync(ProxyProcess proxy, TcpOrigin origin, string token)
    {
        foreach (var version in (ProxyVersion[])[ProxyVersion.Http1, ProxyVersion.Http2Tls])
        {
            var head = await TunnelProbe.AnswerAsync(proxy, version, origin.Authority, Credentials.Field(Credentials.Token(token)));
            Assert.Equal(503, head.Status);
            Assert.NotEmpty(head["Retry-After"]);
            Assert.NotNull(head.ProxyStatusError);
            ProductAssert.HasServerTiming(head);
        }
    }

    private static Task<HttpHead> AnswerAsync(ProxyProcess proxy, TcpOrigin origin, string token) =>
        TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Field(Credentials.Token(token)));
}
