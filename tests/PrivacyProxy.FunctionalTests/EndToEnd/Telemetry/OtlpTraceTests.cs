using PrivacyProxy.FunctionalTests.EndToEnd.Harness;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Telemetry;

/// <summary>Spans of kept traces, as a collector gets them.</summary>
[Collection(ToldCollection.Name)]
public sealed class OtlpTraceTests(ProductFixture product)
{
    [Theory]
    [InlineData(Collector.Grpc, "/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    [InlineData(Collector.HttpProtobuf, "/v1/traces")]
    public async Task The_span_tree_of_a_request_arrives(string protocol, string path)
    {
        await using var dns = new DnsServer();
        await using var origin = TcpOrigin.Echo();
        await using var collector = await Collector.StartAsync(protocol);
        await using var proxy = await StartAsync(collector, dns, "1");
        // Its issuer's keys come after the start.
        await proxy.WaitForReadinessAsync(System.Net.HttpStatusCode.OK);
        await using (await TunnelProbe.OpenAsync(proxy, ProxyVersion.Http2, $"a-127-0-0-1.example.com:{origin.Port}", Credentials.Token(await product.Tokens.TakeAsync())))
            await collector.WaitAsync(static collector => collector.Spans.Any(static span => span.Name == "tunnel"));

        var spans = collector.Spans;
        var root = Assert.Single(spans, static span => span.ParentId.Length == 0);
        Assert.Equal(("tunnel", "http2", "connect", "200", "accepted", "sampled"),
            (root.Name, root.Attributes["protocol"], root.Attributes["kind"], root.Attributes["http.status"], root.Attributes["redemption.result"], root.Attributes["kept.reason"]));
        Assert.All(spans, span => Assert.Equal(root.TraceId, span.TraceId));
        var redeem = Child(root, "redeem");
        Child(root, "dns.resolve");
        Child(root, "tcp.connect");
        Child(redeem, "token.verify");
        Assert.Equal(("memory", "fresh"), (Child(redeem, "double_spend.spend").Attributes["store"], Child(redeem, "double_spend.spend").Attributes["outcome"]));
        Assert.Equal(path, collector.Exports.First(static export => export.IsTraces).Path);

        ReceivedSpan Child(ReceivedSpan parent, string name)
        {
            var child = Assert.Single(spans, span => span.Name == name);
            Assert.Equal(parent.SpanId, child.ParentId);
            return child;
        }
    }

    [Fact]
    public async Task Of_requests_that_the_dice_leave_out_only_those_that_failed_arrive_and_a_client_cannot_choose()
    {
        await using var dns = new DnsServer();
        await using var origin = TcpOrigin.Echo();
        await using var collector = await Collector.StartAsync(Collector.Grpc);
        await using var proxy = await StartAsync(collector, dns, "0");
        var wish = KeyValuePair.Create("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        Assert.Equal(200, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, origin.Authority, Credentials.Field(ProductFixture.Preshared), wish)).Status);
        Assert.Equal(502, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, "failing.example.com:443", Credentials.Field(ProductFixture.Preshared), wish)).Status);
        Assert.Equal(0, await proxy.TerminateAsync());

        var root = Assert.Single(collector.Spans, static span => span.Name == "tunnel");
        Assert.Equal(("502", "dns_error", "error"), (root.Attributes["http.status"], root.Attributes["proxy_status.error"], root.Attributes["kept.reason"]));
        Assert.NotEqual("4bf92f3577b34da6a3ce929d0e0e4736", root.TraceId);
    }

    private Task<ProxyProcess> StartAsync(Collector collector, DnsServer dns, string ratio) => ProxyProcess.StartAsync(
        ["--psk", ProductFixture.PresharedKey, "--issuer", $"{IssuerProcess.Name}={product.Issuer.Directory}", "--allow-private", "--allow-ports", "any"],
        new Dictionary<string, string>(collector.Settings(), StringComparer.Ordinal)
        {
            ["PrivacyProxy__Authentication__OriginInfo"] = "",
            ["PrivacyProxy__Egress__Resolver__Servers"] = dns.Address,
            ["PrivacyProxy__Telemetry__Traces__Ratio"] = ratio,
            // A busy machine makes any check slow.
            ["PrivacyProxy__Telemetry__Traces__SlowCheckThreshold"] = "00:00:00",
        });
}
