using Microsoft.Extensions.Hosting;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Hosting.Management;
using PrivacyProxy.Recording.Instruments;
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
        _ = new ReadinessMetrics(new ProxyReadiness(world.Keys, world.Store, world.Options.Of(static options => options.Authentication), lifetime, TimeProvider.System), world.Meter);
        Assert.Contains("privacy_proxy_ready 0\n", await PrometheusText.OfAsync(world.Meter), StringComparison.Ordinal);
        lifetime.Started.Cancel();
        Assert.Contains("privacy_proxy_ready 1\n", await PrometheusText.OfAsync(world.Meter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_issuer_has_the_seconds_until_its_last_key_ends()
    {
        await using var world = new RedemptionWorld();
        var unlisted = new IssuerOptions { Name = "none.example" };
        world.Keys.SetIssuers([(world.IssuerOptions, world.Source), (unlisted, new IssuerKeys(unlisted))]);
        var text = await PrometheusText.OfAsync(world.Meter);
        Assert.Contains($"privacy_proxy_issuer_key_expiry_seconds{{issuer=\"{RedemptionWorld.Issuer}\"}} 86400\n", text, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_issuer_key_expiry_seconds{issuer=\"none.example\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issuer_that_is_gone_is_no_longer_told_of()
    {
        await using var world = new RedemptionWorld();
        Assert.Contains("privacy_proxy_issuer_key_expiry_seconds{", await PrometheusText.OfAsync(world.Meter), StringComparison.Ordinal);
        world.Keys.SetIssuers([]);
        Assert.DoesNotContain("privacy_proxy_issuer_key_expiry_seconds{", await PrometheusText.OfAsync(world.Meter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_that_are_turned_off_keep_and_show_nothing()
    {
        using var meter = new ProxyMeter(isScraped: false);
        using var bridge = new MeterBridge(meter);
        var metrics = new TunnelMetrics(meter);
        metrics.RequestRead();
        metrics.Connected(TimeSpan.FromSeconds(1));
        Assert.Equal("", await PrometheusText.OfAsync(meter));
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
