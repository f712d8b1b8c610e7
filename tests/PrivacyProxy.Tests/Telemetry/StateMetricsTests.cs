using PrivacyProxy.Telemetry;
using PrivacyProxy.Telemetry.Prometheus;
using PrivacyProxy.Tests.Telemetry.Prometheus;

namespace PrivacyProxy.Tests.Telemetry;

/// <summary>The gauges of readiness and of the issuers' keys.</summary>
public sealed class StateMetricsTests
{
    [Theory]
    [InlineData(true, "1")]
    [InlineData(false, "0")]
    public void Readiness_is_1_or_0_and_absent_while_nobody_tells(bool isReady, string expected)
    {
        using var metrics = new ProxyMetrics();
        using var collection = new MetricCollection();
        Assert.DoesNotContain($"privacy_proxy_ready {expected}\n", PrometheusText.Of(collection), StringComparison.Ordinal);
        metrics.Observe(new State(isReady, []));
        Assert.Contains($"privacy_proxy_ready {expected}\n", PrometheusText.Of(collection), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_issuer_has_the_seconds_until_its_last_key_ends()
    {
        using var metrics = new ProxyMetrics();
        using var collection = new MetricCollection();
        metrics.Observe(new State(true, [("one.example", TimeSpan.FromHours(1)), ("none.example", TimeSpan.Zero)]));
        var text = PrometheusText.Of(collection);
        Assert.Contains("privacy_proxy_issuer_key_expiry_seconds{issuer=\"one.example\"} 3600\n", text, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_issuer_key_expiry_seconds{issuer=\"none.example\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collection_that_is_turned_off_listens_to_nothing()
    {
        using var metrics = new ProxyMetrics();
        using var collection = new MetricCollection(isEnabled: false);
        metrics.RequestRead();
        Assert.Equal("", PrometheusText.Of(collection));
    }

    private sealed record State(bool IsReady, IEnumerable<(string Issuer, TimeSpan Left)> KeysLeft) : IProxyGauges;
}
