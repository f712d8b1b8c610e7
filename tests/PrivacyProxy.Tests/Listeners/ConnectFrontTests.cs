using System.Text;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>HTTP/1.1 heads as good and bad clients send them.</summary>
public class ConnectFrontTests
{
    /// <summary>Longer than a busy machine takes to send what a test sends.</summary>
    private static readonly TimeSpan _headTimeout = TimeSpan.FromSeconds(3);

    private const string Credentials = $"Proxy-Authorization: {TestClient.GoodCredentials}\r\n";

    [Theory]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nHost: a.test:443\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/2.0\r\nHost: a.test:443\r\n\r\n")]
    [InlineData("CONNECT a.test:443\r\nHost: a.test:443\r\n\r\n")]
    [InlineData("CONNECT  a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n")]
    [InlineData("CONNECT HTTP/1.1\r\nHost: a.test:443\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost : a.test:443\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n folded\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nno colon\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nX: a\nY: b\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nX: a\0b\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 0, 5\r\n\r\nhello")]
    [InlineData("CONNECT http://a.test:443/ HTTP/1.1\r\nHost: a.test:443\r\n\r\n")]
    public async Task A_malformed_head_is_answered_with_400_and_the_connection_closed(string head)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.SendTextAsync(head.Replace("\r\nHost", "\r\n" + Credentials + "Host", StringComparison.Ordinal));
        await AssertRefusedAndClosedAsync(client, 400);
        Assert.Empty(proxy.Redeemer.Seen);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [InlineData("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n")]
    [InlineData("CONNECT {0} HTTP/1.1\r\nHost: origin.test\r\n")]
    [InlineData("CONNECT {0} HTTP/1.1\r\nhOST:{0}  \r\nContent-Length: 0\r\n")]
    [InlineData("CONNECT {0} HTTP/1.0\r\n")]
    public async Task What_real_clients_send_is_understood_also_byte_by_byte(string head)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        using var origin = new TestOrigin();
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        foreach (var c in string.Format(head, origin.Authority) + Credentials + "\r\n") await client.SendTextAsync(c.ToString());
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
    }

    [Theory]
    [InlineData(40_000, true)]
    [InlineData(40_000, false)]
    public async Task A_head_over_the_limit_is_answered_with_431(int size, bool ends)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.SendTextAsync($"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nX: {new string('x', size)}{(ends ? "\r\n\r\n" : "")}");
        await AssertRefusedAndClosedAsync(client, 431);
    }

    [Fact]
    public async Task More_fields_than_allowed_are_answered_with_431()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        var fields = string.Concat(Enumerable.Range(0, 100).Select(i => $"X-{i}: 1\r\n"));
        await client.SendTextAsync($"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n{fields}\r\n");
        await AssertRefusedAndClosedAsync(client, 431);
    }

    [Fact]
    public async Task A_head_that_does_not_come_to_its_end_is_answered_with_408()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false, options => options.RequestHeadTimeout = _headTimeout);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.SendTextAsync("CONNECT a.test:443 HTTP/1.1\r\n");
        await AssertRefusedAndClosedAsync(client, 408);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CONN")]
    public async Task A_connection_that_says_nothing_is_closed(string start)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false, options => options.RequestHeadTimeout = _headTimeout);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.SendTextAsync(start);
        Assert.Empty(await client.ReadToEndAsync());
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n", 407, false)]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n", 407, true)]
    [InlineData("CONNECT a.test:99999 HTTP/1.1\r\nHost: a.test:99999\r\n\r\n", 400, false)]
    public async Task Bytes_after_a_refused_connect_are_never_taken_for_a_request(string head, int status, bool tls)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls);
        const string Smuggled = $"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n{Credentials}\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n";
        await client.SendTextAsync(head + Smuggled);
        await client.SendTextAsync(Smuggled);
        await AssertRefusedAndClosedAsync(client, status);
        Assert.Empty(proxy.Egress.Seen);
        Assert.True(proxy.Redeemer.Seen.Count <= 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_can_be_read_even_though_much_early_data_was_sent(bool tls)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls);
        await client.SendTextAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n" + new string('x', 500_000));
        await AssertRefusedAndClosedAsync(client, 407);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connect_after_another_request_is_refused_and_the_connection_closed(bool tls)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls);
        await client.SendTextAsync("HEAD / HTTP/1.1\r\nHost: proxy.test\r\n\r\n");
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        await client.SendTextAsync($"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n{Credentials}\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
        await AssertRefusedAndClosedAsync(client, 400);
        Assert.Empty(proxy.Redeemer.Seen);
    }

    [Theory]
    [InlineData("/missing", 404, null)]
    [InlineData("http://other.test/missing", 405, "CONNECT")]
    public async Task What_is_no_connect_and_nothing_else_is_refused_with_a_proxy_status(string target, int status, string? allow)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.SendTextAsync($"GET {target} HTTP/1.1\r\nHost: other.test\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.Equal(status, answer.Status);
        Assert.Equal(allow, answer["allow"]);
        Assert.Equal("privacy-proxy; error=http_request_error", answer["proxy-status"]);
        Assert.NotNull(answer["server-timing"]);
    }

    private static async Task AssertRefusedAndClosedAsync(Http1TestClient client, int status)
    {
        var answer = await client.ReadAnswerAsync();
        Assert.Equal(status, answer.Status);
        Assert.Equal("close", answer["connection"]);
        Assert.Equal("0", answer["content-length"]);
        Assert.NotNull(answer["server-timing"]);
        if (status != 407) Assert.StartsWith("privacy-proxy; error=http_request_error", answer["proxy-status"], StringComparison.Ordinal);
        // The end, in order, and not one byte more.
        Assert.Equal("", Encoding.Latin1.GetString(await client.ReadToEndAsync()));
    }
}
