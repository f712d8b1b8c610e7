using System.Net;
using System.Net.Http.Headers;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>/metrics of a running proxy.</summary>
[Collection(ToldCollection.Name)]
public sealed class MetricsTests(ProductFixture product)
{
    [Fact]
    public async Task A_scrape_counts_what_happened_and_names_no_client_destination_or_token()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await product.StartTwinAsync();
        var token = await product.Tokens.TakeAsync();
        var field = Credentials.Field(Credentials.Token(token));
        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Token(token)))
        {
        }

        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http2, origin.Authority, field)).Status);
        var text = await ScrapeAsync(proxy);
        Assert.Contains("privacy_proxy_requests_total 2\n", text, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_requests_by_status{status=\"407\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_token_redemptions_total{result=\"accepted\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_token_redemptions_total{result=\"already_spent\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_double_spend_check_seconds_bucket{operation=\"spend\",store=\"memory\",le=\"+Inf\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE kestrel_active_connections gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_gc_collections_total counter\n", text, StringComparison.Ordinal);

        Assert.DoesNotContain(token[..40], text, StringComparison.Ordinal);
        Assert.DoesNotContain(origin.Authority, text, StringComparison.Ordinal);
        Assert.DoesNotContain(ProductFixture.PresharedKey, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", "application/openmetrics-text")]
    [InlineData("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.1", "text/plain")]
    [InlineData("text/html, ;;q=x", "text/plain")]
    [InlineData("*/*", "text/plain")]
    [InlineData(null, "text/plain")]
    public async Task The_format_follows_Accept_and_is_plain_text_in_doubt(string? accept, string expected)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(product.Proxy.Management, "/metrics"));
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected, answer.Content.Headers.ContentType?.MediaType);
        var ends = (await answer.Content.ReadAsStringAsync()).EndsWith("# EOF\n", StringComparison.Ordinal);
        Assert.Equal(expected.StartsWith("application", StringComparison.Ordinal), ends);
    }

    [Fact]
    public async Task A_proxy_client_cannot_reach_the_metrics()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(product.Proxy.Plain, "/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [SkippableTheory]
    [InlineData("Memory", "privacy_proxy_double_spend_check_seconds_count{operation=\"spend\",store=\"memory\"} 2")]
    [InlineData("Sqlite", "privacy_proxy_spent_token_store_commit_seconds_count 2", "privacy_proxy_spent_token_store_batch_size_sum 2", "privacy_proxy_spent_token_store_in_flight 0")]
    [InlineData("Memcached", "privacy_proxy_spent_token_store_node_seconds_bucket{node=\"NODE\",le=\"+Inf\"} ", "privacy_proxy_spent_token_store_node_state{node=\"NODE\",state=\"up\"} 1")]
    public async Task A_busy_proxy_shows_its_store_and_promtool_finds_nothing_wrong_that_is_ours(string store, params string[] expected)
    {
        Skip.If(store == "Memcached" && !MemcachedProcess.IsInstalled, "memcached is not installed");
        using var files = new TemporaryDirectory();
        await using var origin = TcpOrigin.Echo();
        await using var memcached = store == "Memcached" ? await MemcachedProcess.StartAsync("-M") : null;
        await using var proxy = await product.StartTwinAsync(
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Store", store),
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Sqlite__File", files.File("spent.db")),
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Memcached__Servers__0", memcached?.Address ?? "127.0.0.1:11211"),
            // A machine that starves is no broken store.
            KeyValuePair.Create("PrivacyProxy__SpentTokens__Memcached__Deadline", "00:00:05"));
        foreach (var (version, type) in new[] { (ProxyVersion.Http1, 1), (ProxyVersion.Http2Tls, 2) })
        {
            await using var tunnel = await TunnelProbe.OpenAsync(proxy, version, origin.Authority, Credentials.Token(await product.Tokens.TakeAsync(type)));
            await tunnel.SendAsync("ping");
            Assert.Equal("ping", await tunnel.ReadAsync(4));
        }

        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority)).Status);
        Assert.Equal(502, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, $"127.0.0.1:{FreePort.Next()}", Credentials.Field(ProductFixture.Preshared))).Status);

        var text = await ScrapeAsync(proxy);
        foreach (var line in expected) Assert.Contains("\n" + line.Replace("NODE", memcached?.Address, StringComparison.Ordinal), text, StringComparison.Ordinal);
        Assert.Contains("\nprivacy_proxy_ready 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nprivacy_proxy_token_verification_seconds_count{token_type=\"1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nprivacy_proxy_token_verification_seconds_count{token_type=\"2\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nprivacy_proxy_first_byte_latency_seconds_count 2\n", text, StringComparison.Ordinal);
        Assert.Contains($"\nprivacy_proxy_issuer_key_expiry_seconds{{issuer=\"{IssuerProcess.Name}\"}} ", text, StringComparison.Ordinal);
        Assert.Contains("\nprivacy_proxy_proxy_status_total{error=\"connection_refused\"} 1\n", text, StringComparison.Ordinal);
        // .NET's names stay as its documentation has them; promtool wants no gauge to end in _count.
        Assert.All(await Promtool.ComplaintsAsync(text), static complaint =>
            Assert.Matches("^dotnet_[a-z_]+_count non-histogram and non-summary metrics should not have \"_count\" suffix$", complaint));
    }

    [Fact]
    public async Task Metrics_that_are_turned_off_are_not_found_and_the_answer_says_why()
    {
        await using var proxy = await product.StartTwinAsync(KeyValuePair.Create("PrivacyProxy__Telemetry__Metrics__Enabled", "false"));
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(proxy.Management, "/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("Metrics are off: PrivacyProxy:Telemetry:Metrics:Enabled is false.\n", await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> ScrapeAsync(ProxyProcess proxy)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        return await client.GetStringAsync(new Uri(proxy.Management, "/metrics"));
    }
}
