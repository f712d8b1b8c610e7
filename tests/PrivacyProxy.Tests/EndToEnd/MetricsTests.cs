using System.Net;
using System.Net.Http.Headers;
using PrivacyProxy.Tests.EndToEnd.Harness;

namespace PrivacyProxy.Tests.EndToEnd;

/// <summary>/metrics of a running proxy.</summary>
[Collection(ProductCollection.Name)]
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

    [SkippableFact]
    public async Task Promtool_finds_nothing_wrong_with_our_metrics()
    {
        // Names of the runtime and of Kestrel are not ours to choose; promtool has opinions on some.
        var ours = Families(await ScrapeAsync(product.Proxy), "privacy_proxy_");
        Assert.NotEmpty(ours);
        await Promtool.AcceptsAsync(["check", "metrics"], ours);
    }

    /// <summary>The lines of the families whose names begin so.</summary>
    private static string Families(string text, string prefix) => string.Concat(text.Split('\n')
        .Where(line => line.StartsWith(prefix, StringComparison.Ordinal) || line.StartsWith("# HELP " + prefix, StringComparison.Ordinal) || line.StartsWith("# TYPE " + prefix, StringComparison.Ordinal))
        .Select(static line => line + "\n"));

    private static async Task<string> ScrapeAsync(ProxyProcess proxy)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        return await client.GetStringAsync(new Uri(proxy.Management, "/metrics"));
    }
}
