using System.Diagnostics;
using System.Net;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Telemetry;

/// <summary>Metrics sent to a collector by the real executable, and what a collector that is away, dies, hangs or refuses does to it: nothing.</summary>
public sealed class OtlpTests
{
    private const string Failing = "cannot be sent to the collector";
    private const string Recovered = "can be sent to again";
    private const string Secret = "the-key-of-the-collector";

    [Theory]
    [InlineData(Collector.Grpc, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")]
    [InlineData(Collector.HttpProtobuf, "/v1/metrics")]
    public async Task Metrics_of_the_proxy_the_web_server_and_the_runtime_arrive(string protocol, string path)
    {
        await using var origin = TcpOrigin.Echo();
        await using var collector = await Collector.StartAsync(protocol);
        await using var proxy = await StartAsync(collector.Settings(), ("Headers", $"x-api-key={Secret},x-tenant=a%20b, x-list=a%2Cb%3Dc,x%2Dname=%25"));
        await using var tunnel = await OpenAsync(proxy, origin);
        // The tunnel's connection is not the web server's.
        Assert.Equal(HttpStatusCode.OK, await proxy.ProbeAsync("/healthz"));
        await collector.WaitAsync(static collector => Names(collector).IsSupersetOf(["privacy_proxy_requests_total", "privacy_proxy_tunnels_active", "kestrel.active_connections", "dotnet.gc.collections"]));

        var export = collector.Exports.First(static export => !export.IsTraces);
        Assert.Equal((path, Secret, "a b"), (export.Path, export.Headers["x-api-key"], export.Headers["x-tenant"]));
        Assert.Equal(("a,b=c", "%"), (export.Headers["x-list"], export.Headers["x-name"]));
        Assert.Equal("privacy-proxy", export.Resource["service.name"]);
        Assert.NotEmpty(export.Resource["service.version"]);
        Assert.True(Guid.TryParse(export.Resource["service.instance.id"], out _));
        Assert.Equal(3, export.Resource.Count);
        Assert.DoesNotContain(Secret, proxy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("collector", proxy.Log, StringComparison.Ordinal);
    }

    /// <summary>What the SDK would read on its own, of metrics, of traces and of both.</summary>
    [Theory]
    [InlineData(Collector.Grpc)]
    [InlineData(Collector.HttpProtobuf)]
    public async Task Variables_of_the_SDK_change_nothing_for_metrics_nor_traces(string protocol)
    {
        await using var origin = TcpOrigin.Echo();
        await using var collector = await Collector.StartAsync(protocol);
        var settings = collector.Settings();
        foreach (var (name, value) in new[]
        {
            ("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_SAMPLER", "always_off"), ("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRICS_EXPORTER", "none"),
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0"), ("OTEL_ATTRIBUTE_COUNT_LIMIT", "0"), ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:1"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-of-the-sdk=1"), ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-of-the-sdk=1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "none"),
            ("OTEL_RESOURCE_ATTRIBUTES", "host.name=secret"), ("OTEL_SERVICE_NAME", "another"), ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"), ("OTEL_BSP_SCHEDULE_DELAY", "3600000"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        }) settings[name] = value;
        settings["PrivacyProxy__Telemetry__Traces__Ratio"] = "1";
        await using var proxy = await StartAsync(settings);
        await using var tunnel = await OpenAsync(proxy, origin);
        await collector.WaitAsync(static collector => Names(collector).Contains("privacy_proxy_requests_total") && collector.Spans.Any(static span => span.Name == "tunnel"));

        Assert.NotEmpty(collector.Spans.First(static span => span.Name == "tunnel").Attributes);
        Assert.All(collector.Exports, static export =>
        {
            Assert.False(export.Headers.ContainsKey("x-of-the-sdk"));
            Assert.Equal("privacy-proxy", export.Resource["service.name"]);
            Assert.Equal(3, export.Resource.Count);
        });
    }

    [Fact]
    public async Task The_buckets_that_an_instrument_asks_for_arrive()
    {
        await using var origin = TcpOrigin.Echo();
        await using var collector = await Collector.StartAsync(Collector.Grpc);
        await using var proxy = await StartAsync(collector.Settings());
        await using (await OpenAsync(proxy, origin))
        {
        }

        await collector.WaitAsync(static collector => Names(collector).Contains("privacy_proxy_connect_latency_seconds"));
        var bounds = collector.Metrics.First(static metric => metric.Name == "privacy_proxy_connect_latency_seconds").Bounds;
        // The SDK's own begin at 0, 5, 10: of no use for seconds.
        Assert.InRange(bounds[0], 0.000_001, 0.1);
    }

    [Theory]
    [InlineData(Collector.Grpc)]
    [InlineData(Collector.HttpProtobuf)]
    public async Task A_collector_that_is_away_comes_and_goes_is_reported_once_each_time_and_stops_no_tunnel(string protocol)
    {
        await using var origin = TcpOrigin.Echo();
        var port = FreePort.Next();
        await using var proxy = await StartAsync(Collector.Settings($"http://127.0.0.1:{port}", protocol), ("Headers", $"x-api-key={Secret}"));
        await proxy.WaitForErrorsAsync(Failing);
        await EchoesAsync(proxy, origin);

        await using (var collector = await Collector.StartAsync(protocol, port))
        {
            await collector.WaitAsync(static collector => collector.Exports.Count > 1);
            await proxy.WaitForErrorsAsync(Recovered);
            await EchoesAsync(proxy, origin);
        }

        await proxy.WaitForErrorsAsync(Failing, 2);
        await EchoesAsync(proxy, origin);
        await using (var collector = await Collector.StartAsync(protocol, port))
        {
            await collector.WaitAsync(static collector => collector.Exports.Count > 1);
            await proxy.WaitForErrorsAsync(Recovered, 2);
        }

        Assert.Equal(0, await proxy.TerminateAsync());
        Assert.Contains("it refuses connections", proxy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, proxy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", proxy.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Collector.Grpc, CollectorMood.Hanging, "it did not answer in time")]
    [InlineData(Collector.HttpProtobuf, CollectorMood.Hanging, "it did not answer in time")]
    [InlineData(Collector.Grpc, CollectorMood.Refusing, "it answered with gRPC status 16")]
    [InlineData(Collector.HttpProtobuf, CollectorMood.Refusing, "it answered with status 401")]
    internal async Task A_collector_that_hangs_or_refuses_is_reported_once_however_often_and_stops_no_tunnel(string protocol, CollectorMood mood, string reason)
    {
        await using var origin = TcpOrigin.Echo();
        await using var collector = await Collector.StartAsync(protocol);
        collector.Mood = mood;
        // One that does answer is given time: the machine may be busy.
        var timeout = mood == CollectorMood.Hanging ? "00:00:00.200" : "00:00:30";
        await using var proxy = await StartAsync(collector.Settings(), ("Timeout", timeout), ("Headers", $"x-api-key={Secret}"));
        await proxy.WaitForErrorsAsync(Failing);
        await EchoesAsync(proxy, origin);
        await collector.WaitAsync(static collector => collector.Exports.Count(static export => !export.IsTraces) >= 4);

        var line = Assert.Single(proxy.Log.Split('\n'), static line => line.Contains(Failing, StringComparison.Ordinal));
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.Contains("warn:", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, proxy.Log, StringComparison.Ordinal);

        collector.Mood = CollectorMood.Accepting;
        await proxy.WaitForErrorsAsync(Recovered);
    }

    [Theory]
    [InlineData(Collector.Grpc)]
    [InlineData(Collector.HttpProtobuf)]
    public async Task What_is_left_at_the_end_is_sent(string protocol)
    {
        await using var origin = TcpOrigin.Echo();
        await using var collector = await Collector.StartAsync(protocol);
        await using var proxy = await StartAsync(collector.Settings(), ("MetricsInterval", "01:00:00"));
        await EchoesAsync(proxy, origin);
        Assert.DoesNotContain(collector.Exports, static export => !export.IsTraces);
        Assert.Equal(0, await proxy.TerminateAsync());
        Assert.Contains("privacy_proxy_requests_total", Names(collector));
    }

    [Fact]
    public async Task A_collector_that_hangs_does_not_hold_up_the_end()
    {
        await using var collector = await Collector.StartAsync(Collector.Grpc);
        collector.Mood = CollectorMood.Hanging;
        await using var proxy = await StartAsync(collector.Settings(), ("Timeout", "00:01:00"));
        await collector.WaitAsync(static collector => collector.Exports.Count > 0);
        var begun = Stopwatch.StartNew();
        Assert.Equal(0, await proxy.TerminateAsync());
        // The export under way has 60 s, the end 3.
        Assert.InRange(begun.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(40));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_an_endpoint_nothing_of_the_SDK_is_loaded(bool endpoint)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "reads /proc");
        await using var collector = await Collector.StartAsync(Collector.Grpc);
        await using var proxy = await StartAsync(endpoint ? collector.Settings() : []);
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
        var mapped = await File.ReadAllTextAsync($"/proc/{proxy.Id}/maps");
        // The control: with one it is, so the search would find it.
        Assert.Equal(endpoint, mapped.Contains("OpenTelemetry.dll", StringComparison.Ordinal));
    }

    private static HashSet<string> Names(Collector collector) => [.. collector.Metrics.Select(static metric => metric.Name)];

    private static Task<ProxyProcess> StartAsync(Dictionary<string, string> settings, params (string Key, string Value)[] otlp)
    {
        foreach (var (key, value) in otlp) settings[$"PrivacyProxy__Telemetry__Otlp__{key}"] = value;
        return ProxyProcess.StartAsync(["--psk", ProductFixture.PresharedKey, "--allow-private", "--allow-ports", "any"], settings);
    }

    private static Task<ITunnelProbe> OpenAsync(ProxyProcess proxy, TcpOrigin origin) =>
        TunnelProbe.OpenAsync(proxy, ProxyVersion.Http1, origin.Authority, ProductFixture.Preshared);

    private static async Task EchoesAsync(ProxyProcess proxy, TcpOrigin origin)
    {
        await using var tunnel = await OpenAsync(proxy, origin);
        await tunnel.SendAsync("still here");
        Assert.Equal("still here", await tunnel.ReadAsync("still here".Length));
    }
}
