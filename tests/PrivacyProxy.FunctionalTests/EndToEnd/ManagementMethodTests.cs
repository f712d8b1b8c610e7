using System.Net;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>What is only read is read by GET and HEAD, and refused to every other method by name.</summary>
[Collection(ProductCollection.Name)]
public sealed class ManagementMethodTests(ProductFixture product)
{
    public static TheoryData<string> Paths => ["/healthz", "/readyz", "/metrics", "/traces", "/traces/0123456789abcdef0123456789abcdef"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task HEAD_answers_as_GET_does_without_the_body(string path)
    {
        using var client = new HttpClient();
        var url = new Uri(product.Proxy.Management, path);
        using var get = await client.GetAsync(url);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        Assert.Equal((get.StatusCode, get.Content.Headers.ContentType?.ToString()), (head.StatusCode, head.Content.Headers.ContentType?.ToString()));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.NotEmpty(await get.Content.ReadAsByteArrayAsync());
        // On the wire, too: a client that keeps the connection would take a body for the next answer.
        await using var probe = await HttpProbe.ConnectAsync(product.Proxy.Management);
        await probe.SendAsync($"HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Equal((int)get.StatusCode, (await probe.ReadHeadAsync()).Status);
        Assert.Equal(200, (await probe.ReadHeadAsync()).Status);
        Assert.EndsWith("ok\n", await probe.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Other_methods_get_405_with_those_that_are_allowed(string path)
    {
        using var client = new HttpClient();
        foreach (var method in new[] { "POST", "PUT", "DELETE", "OPTIONS", "PATCH" })
        {
            using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(product.Proxy.Management, path)));
            Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
            Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task So_it_is_at_the_issuer()
    {
        using var client = new HttpClient();
        foreach (var path in new[] { "/healthz", "/.well-known/private-token-issuer-directory" })
        {
            var url = new Uri(product.Issuer.Url, path);
            using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            using var post = await client.PostAsync(url, content: null);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
            Assert.Contains("GET", post.Content.Headers.Allow);
        }
    }
}
