using System.Net;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>What deploy/ watches is what proxies at work show.</summary>
[Collection(ToldCollection.Name)]
public sealed class DeployedMetricsTests(ProductFixture product)
{
    [SkippableFact]
    public async Task Every_metric_that_a_panel_or_a_rule_names_is_shown_by_proxies_that_served_tunnels_from_each_store()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        using var directory = new TemporaryDirectory();
        await using var memcached = await MemcachedProcess.StartAsync("-m", "64", "-M");
        await using var memory = await product.StartTwinAsync();
        await using var sqlite = await product.StartTwinAsync(
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Store", "Sqlite"),
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Sqlite__File", directory.File("spent.db")));
        await using var shared = await product.StartTwinAsync(
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Store", "Memcached"),
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Memcached__Servers", memcached.Address),
            // Long enough for a busy machine to send a check to a server that has just stopped.
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Memcached__Deadline", "00:00:02"));
        ProxyProcess[] proxies = [memory, sqlite, shared];
        foreach (var proxy in proxies) await ServeAsync(proxy);
        await LoseAsync(memcached, shared);

        var missing = DeployedMetrics.Of("privacy_proxy", "dotnet", "kestrel");
        // Shown by proxies that have auditors: Documents.AuditingPageTests.
        missing.Remove("privacy_proxy_issuer_audited");
        Assert.NotEmpty(missing);
        using var client = new HttpClient();
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        // A tunnel's end is counted after its client has seen it.
        while (missing.Count > 0 && !deadline.IsCancellationRequested)
            foreach (var proxy in proxies)
                missing.ExceptWith(Shown(await client.GetStringAsync(new Uri(proxy.Management, "/metrics"))));
        Assert.Empty(missing);
    }

    /// <summary>A tunnel that carries bytes, a replay, and a destination that is not there.</summary>
    private async Task ServeAsync(ProxyProcess proxy)
    {
        await using var origin = TcpOrigin.Echo();
        var token = Credentials.Token(await product.Tokens.TakeAsync());
        await using (var tunnel = await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, token))
        {
            await tunnel.SendAsync("echo");
            Assert.Equal("echo", await tunnel.ReadAsync(4));
        }

        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http2, origin.Authority, Credentials.Field(token))).Status);
        var fresh = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        Assert.Equal(502, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, $"127.0.0.1:{FreePort.Next()}", fresh)).Status);
    }

    /// <summary>The store's server stops in the middle of a check, dies, and comes back having forgotten.</summary>
    private async Task LoseAsync(MemcachedProcess memcached, ProxyProcess proxy)
    {
        var fresh = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        memcached.Stop();
        Assert.Equal(503, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, "127.0.0.1:9", fresh)).Status);
        await memcached.KillAsync();
        await proxy.WaitForReadinessAsync(HttpStatusCode.ServiceUnavailable);
        await memcached.RestartEmptyAsync();
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
    }

    /// <summary>The names of all samples, those of buckets, sums and counts included.</summary>
    private static IEnumerable<string> Shown(string text) => Regex.Matches(text, @"^[a-z_][a-z0-9_]*", RegexOptions.Multiline).Select(static match => match.Value);
}
