using Microsoft.Extensions.Hosting;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Hosting.Management;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Tests.Redemption;
using PrivacyProxy.Tests.Telemetry.Prometheus;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Telemetry;

/// <summary>The gauges of readiness and of the issuers' keys.</summary>
public sealed class StateMetricsTests
{
    [Fact]
    public async Task Readiness_is_0_until_the_proxy_has_started_and_1_from_then_on()
    {
        await using var world = new RedemptionWorld();
        using var lifetime = new Lifetime();
        using var metrics = new ReadinessMetrics(new ProxyReadiness(world.Keys, world.Store, world.Options.Of(static options => options.Authentication), lifetime, TimeProvider.System));
        using var collection = new MetricCollection();
        Assert.Contains("privacy_proxy_ready 0\n", PrometheusText.Of(collection), StringComparison.Ordinal);
        lifetime.Started.Cancel();
        Assert.Contains("privacy_proxy_ready 1\n", PrometheusText.Of(collection), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_issuer_has_the_seconds_until_its_last_key_ends()
    {
        await using var world = new RedemptionWorld();
        var unlisted = new IssuerOptions { Name = "none.example" };
        world.Keys.SetIssuers([(world.IssuerOptions, world.Source), (unlisted, new IssuerKeys(unlisted))]);
        using var metrics = new RedemptionMetrics(world.Keys, world.Time);
        using var collection = new MetricCollection();
        var text = PrometheusText.Of(collection);
        Assert.Contains($"privacy_proxy_issuer_key_expiry_seconds{{issuer=\"{RedemptionWorld.Issuer}\"}} 86400\n", text, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_issuer_key_expiry_seconds{issuer=\"none.example\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collection_that_is_turned_off_listens_to_nothing()
    {
        using var metrics = new TunnelMetrics();
        using var collection = new MetricCollection(isEnabled: false);
        metrics.RequestRead();
        Assert.Equal("", PrometheusText.Of(collection));
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        public CancellationTokenSource Started { get; } = new();

        public CancellationToken ApplicationStarted => Started.Token;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }

        public void Dispose() => Started.Dispose();
    }
}
