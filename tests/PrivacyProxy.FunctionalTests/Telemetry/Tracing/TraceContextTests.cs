using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>Whose traceparent counts.</summary>
[Collection(ToldCollection.Name)]
public sealed class TraceContextTests(ProductFixture product)
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string SpanId = "00f067aa0ba902b7";

    public static TheoryData<string> Versions => [nameof(ProxyVersion.Http1), nameof(ProxyVersion.Http2)];

    [Theory, MemberData(nameof(Versions))]
    public async Task A_client_can_neither_have_itself_sampled_nor_choose_the_id(string version)
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:TrustContextFrom:0", "192.0.2.0/24"));
        await AnswerAsync(proxy, version, Sampled);
        Assert.Empty(proxy.Kept);

        await using var keepsAll = await TracedProxy.StartAsync(product, ("Telemetry:Traces:Ratio", "1"));
        using var activities = new RecordedActivities();
        await AnswerAsync(keepsAll, version, Sampled);
        var kept = Assert.Single(keepsAll.Kept);
        Assert.NotEqual(TraceId, kept.TraceId.ToString());
        Assert.All(activities.Of(kept), static span => Assert.NotEqual(SpanId, span.ParentSpanId.ToString()));
        Assert.Null(activities.Of(kept)[0].ParentId);
    }

    [Fact]
    public async Task Kestrels_own_activities_take_nothing_from_a_client_either()
    {
        const string id = "0af7651916cd43dd8448eb211c80319c";
        using var activities = new RecordedActivities("Microsoft.AspNetCore");
        await using (var proxy = await TracedProxy.StartAsync(product))
            await AnswerAsync(proxy, nameof(ProxyVersion.Http2), $"00-{id}-{SpanId}-01");
        Assert.NotEmpty(activities.All);
        Assert.DoesNotContain(activities.All, static activity => activity.TraceId.ToString() == id);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_trusted_hop_chooses_the_id_and_whether_its_requests_are_sampled(string version)
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:TrustContextFrom:0", "127.0.0.0/8"));
        using var activities = new RecordedActivities();
        await AnswerAsync(proxy, version, Sampled);
        var kept = Assert.Single(proxy.Kept);
        Assert.Equal((TraceId, SpanId), (kept.TraceId.ToString(), kept.ParentSpanId.ToString()));
        var root = activities.Of(kept).Single(static span => span.OperationName == "tunnel" && span.ParentSpanId.ToString() == SpanId);
        Assert.True(root.HasRemoteParent);

        await using var keepsAll = await TracedProxy.StartAsync(product, ("Telemetry:Traces:Ratio", "1"), ("Telemetry:Traces:TrustContextFrom:0", "127.0.0.1"));
        await AnswerAsync(keepsAll, version, $"00-{TraceId}-{SpanId}-00");
        Assert.Empty(keepsAll.Kept);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task What_a_trusted_hop_sends_malformed_or_twice_is_as_if_it_had_sent_none(string version)
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:TrustContextFrom:0", "127.0.0.1"));
        foreach (var malformed in new[] { "x", $"00-{TraceId}-{SpanId}", $"00-{TraceId.ToUpperInvariant()}-{SpanId}-01", $"ff-{TraceId}-{SpanId}-01" })
            await AnswerAsync(proxy, version, malformed);
        await AnswerAsync(proxy, version, Sampled, Sampled);
        Assert.Empty(proxy.Kept);
    }

    private static string Sampled => $"00-{TraceId}-{SpanId}-01";

    private static async Task AnswerAsync(TracedProxy proxy, string version, params string[] parents) =>
        Assert.Equal(407, (await proxy.AnswerAsync(Enum.Parse<ProxyVersion>(version), "127.0.0.1:443", [.. parents.Select(static value => KeyValuePair.Create("traceparent", value))])).Status);
}
