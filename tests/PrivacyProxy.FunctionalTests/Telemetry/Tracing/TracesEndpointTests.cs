using System.Net;
using System.Text.Json;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Tracing;

/// <summary>/traces on the management listener.</summary>
[Collection(ToldCollection.Name)]
public sealed class TracesEndpointTests(ProductFixture product)
{
    [Fact]
    public async Task The_list_shows_the_newest_first_and_each_id_leads_to_its_tree()
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:Ratio", "1"));
        Assert.Equal(407, (await proxy.AnswerAsync(ProxyVersion.Http1, origin.Authority)).Status);
        Assert.Equal(200, (await proxy.AnswerPresharedAsync(ProxyVersion.Http2, origin.Authority)).Status);

        var lines = (await GetAsync(proxy, "/traces")).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Matches(@"^TIME +TRACE +KEPT +MS +RESULT$", lines[0]);
        Assert.Matches(@"^\S+Z +[0-9a-f]{32} +sampled +[0-9.]+ +200 preshared_accepted$", lines[1]);
        Assert.Matches(@"^\S+Z +[0-9a-f]{32} +sampled +[0-9.]+ +407 missing http_request_denied$", lines[2]);

        var id = lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var tree = (await GetAsync(proxy, $"/traces/{id}")).Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches($"^trace {id} .*kept: sampled$", tree[0]);
        Assert.Matches(@"^SPAN +START +MS$", tree[1]);
        Assert.Matches(@"^tunnel +0\.000 +[0-9.]+  protocol=http2 kind=connect http.status=200 redemption.result=preshared_accepted kept.reason=sampled$", tree[2]);
        Assert.Matches(@"^  redeem +[0-9.]+ +[0-9.]+  redemption.result=preshared_accepted$", tree[3]);
        Assert.Matches(@"^  tcp.connect +[0-9.]+ +[0-9.]+  family=ipv4$", tree[4]);
        Assert.Equal(5, tree.Length);
    }

    [Fact]
    public async Task Programs_get_the_same_as_JSON()
    {
        await using var proxy = await TracedProxy.StartAsync(product, ("Telemetry:Traces:Ratio", "1"));
        await proxy.AnswerAsync(ProxyVersion.Http1, "127.0.0.1:443");
        var id = proxy.Kept[0].TraceId.ToString();

        var (_, type, list) = await GetAsync(proxy, "/traces", "application/json");
        Assert.Equal("application/json", type);
        using var listed = JsonDocument.Parse(list);
        Assert.Equal(id, listed.RootElement[0].GetProperty("traceId").GetString());

        using var tree = JsonDocument.Parse((await GetAsync(proxy, $"/traces/{id}", "application/json")).Body);
        var redeem = tree.RootElement[0].GetProperty("spans")[1];
        Assert.Equal(("redeem", 0), (redeem.GetProperty("name").GetString(), redeem.GetProperty("parent").GetInt32()));
        Assert.Equal("missing", redeem.GetProperty("attributes").GetProperty("redemption.result").GetString());
    }

    [Theory]
    [InlineData("/traces/4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("/traces/00000000000000000000000000000000")]
    [InlineData("/traces/nonsense")]
    [InlineData("/traces/%0A")]
    public async Task An_id_that_is_not_held_is_not_found(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(product.Proxy.Management, path));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_proxy_client_cannot_reach_the_traces()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(product.Proxy.Plain, "/traces"));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string? Type, string Body)> GetAsync(TracedProxy proxy, string path, string? accept = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(proxy.Management, path));
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync());
    }
}
