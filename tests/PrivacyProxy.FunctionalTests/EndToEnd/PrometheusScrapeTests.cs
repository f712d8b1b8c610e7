using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>A real Prometheus scrapes a running proxy.</summary>
[Collection(ToldCollection.Name)]
public sealed class PrometheusScrapeTests(ProductFixture product)
{
    [SkippableFact]
    public async Task Prometheus_has_our_series_Kestrels_the_runtimes_and_the_exemplars()
    {
        await using var origin = TcpOrigin.Echo();
        // Every trace is kept, so every check has an exemplar.
        await using var proxy = await product.StartTwinAsync(KeyValuePair.Create("PrivacyProxy__Telemetry__Traces__Ratio", "1"));
        await using var prometheus = await PrometheusProcess.StartAsync(proxy.Management);
        for (var i = 0; i < 3; i++)
        {
            await using var tunnel = await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http2Tls, origin.Authority, Credentials.Token(await product.Tokens.TakeAsync()));
            await tunnel.SendAsync("ping");
            Assert.Equal("ping", await tunnel.ReadAsync(4));
        }

        Assert.Equal(1, await prometheus.ValueAsync("up == 1"));
        Assert.Equal(1, await prometheus.ValueAsync("privacy_proxy_ready == 1"));
        Assert.Equal(3, await prometheus.ValueAsync("privacy_proxy_token_redemptions_total{result=\"accepted\"} == 3"));
        Assert.Equal(3, await prometheus.ValueAsync("privacy_proxy_token_verification_seconds_count{token_type=\"2\"} == 3"));
        Assert.Equal(3, await prometheus.ValueAsync("privacy_proxy_first_byte_latency_seconds_count == 3"));
        Assert.Equal(3, await prometheus.ValueAsync("privacy_proxy_connect_latency_seconds_bucket{le=\"+Inf\"} == 3"));
        Assert.InRange(await prometheus.ValueAsync("privacy_proxy_issuer_key_expiry_seconds > 0"), 1, double.MaxValue);
        Assert.InRange(await prometheus.ValueAsync("count(kestrel_active_connections) > 0"), 1, double.MaxValue);
        Assert.InRange(await prometheus.ValueAsync("dotnet_process_memory_working_set_bytes > 0"), 1, double.MaxValue);

        var series = await prometheus.QueryAsync("query_exemplars", "privacy_proxy_double_spend_check_seconds_bucket{operation=\"spend\"}");
        var trace = series.GetProperty("exemplars")[0].GetProperty("labels").GetProperty("trace_id").GetString()!;
        Assert.Matches("^[0-9a-f]{32}$", trace);
        using var client = new HttpClient();
        Assert.Contains("double_spend.spend", await client.GetStringAsync(new Uri(proxy.Management, "/traces/" + trace)), StringComparison.Ordinal);
    }
}
