using System.Diagnostics;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>What an exporter gets to see of a tunnel request.</summary>
[Collection(ToldCollection.Name)]
public sealed class SpanTreeTests(ProductFixture product)
{
    [SkippableTheory]
    [InlineData(nameof(ProxyVersion.Http1), "http1")]
    [InlineData(nameof(ProxyVersion.Http2), "http2")]
    public async Task A_tunnel_opened_with_a_token_is_a_tree_of_spans_whose_root_has_no_parent(string version, string protocol)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        await using var memcached = await MemcachedProcess.StartAsync();
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await TracedProxy.StartAsync(
            product, ("Telemetry:Traces:Ratio", "1"), ("SpentTokens:Store", "Memcached"), ("SpentTokens:Memcached:Servers:0", memcached.Address));
        using var activities = new RecordedActivities();
        var before = DateTime.UtcNow;

        var token = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        Assert.Equal(200, (await proxy.AnswerAsync(Enum.Parse<ProxyVersion>(version), $"localhost:{origin.Port}", token)).Status);

        var spans = activities.Of(Assert.Single(proxy.Kept));
        Assert.Equal(
            [
                $"tunnel protocol={protocol} kind=connect http.status=200 redemption.result=accepted kept.reason=sampled",
                "tunnel > redeem redemption.result=accepted",
                "tunnel > redeem > double_spend.lookup store=memcached outcome=fresh",
                $"tunnel > redeem > double_spend.lookup > store.node store.node={memcached.Address} store.reply=miss",
                "tunnel > redeem > token.verify token.type=2",
                "tunnel > redeem > double_spend.spend store=memcached outcome=fresh",
                $"tunnel > redeem > double_spend.spend > store.node store.node={memcached.Address} store.reply=stored",
                "tunnel > dns.resolve cached=True",
                "tunnel > tcp.connect family=ipv4",
            ],
            spans.Select(span => Line(spans, span)));
        var root = spans[0];
        Assert.Null(root.ParentId);
        Assert.Equal(ActivityKind.Server, root.Kind);
        Assert.All(spans, span => Assert.True(span.Recorded));
        Assert.InRange(root.StartTimeUtc, before.AddSeconds(-1), DateTime.UtcNow.AddSeconds(1));
        // Within its parent, but for the 100 ns that dates are told in.
        Assert.All(spans.Skip(1), span => Assert.InRange(span.StartTimeUtc.Ticks, root.StartTimeUtc.Ticks - 2, root.StartTimeUtc.Ticks + root.Duration.Ticks + 2));
        Assert.All(spans.Skip(1), span => Assert.True(span.Duration <= root.Duration + TimeSpan.FromTicks(2)));
    }

    [Fact]
    public async Task What_a_request_did_not_come_to_has_no_span()
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:Ratio", "1"));
        using var activities = new RecordedActivities();
        Assert.Equal(407, (await proxy.AnswerAsync(ProxyVersion.Http1, "127.0.0.1:443")).Status);
        var spans = activities.Of(Assert.Single(proxy.Kept));
        Assert.Equal(
            ["tunnel protocol=http1 kind=connect http.status=407 redemption.result=missing proxy_status.error=http_request_denied kept.reason=sampled", "tunnel > redeem redemption.result=missing"],
            spans.Select(span => Line(spans, span)));
    }

    [Fact]
    public async Task A_request_that_cannot_be_read_is_a_span_alone()
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:Ratio", "1"));
        Assert.Equal(400, (await proxy.AnswerPresharedAsync(ProxyVersion.Http1, "no-port")).Status);
        Assert.Equal("400 http_request_error", Assert.Single(proxy.Kept).Result);
        Assert.Single(proxy.Kept[0].Spans);
    }

    /// <summary>The names from the root on, and the attributes.</summary>
    private static string Line(IReadOnlyList<Activity> spans, Activity span)
    {
        var path = span.OperationName;
        for (var parent = Parent(span); parent is not null; parent = Parent(parent)) path = $"{parent.OperationName} > {path}";
        return string.Join(' ', span.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}").Prepend(path));

        Activity? Parent(Activity child) => spans.FirstOrDefault(other => other.SpanId == child.ParentSpanId);
    }
}
