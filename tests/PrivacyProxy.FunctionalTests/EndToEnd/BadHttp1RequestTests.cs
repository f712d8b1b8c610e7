using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Heads that are no HTTP/1.1 CONNECT: one answer, then the end of the connection; what follows is never read as a request.</summary>
[Collection(ProductCollection.Name)]
public sealed class BadHttp1RequestTests(ProductFixture product)
{
    private const string Smuggled = "GET http://127.0.0.1/smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    private const string Line = "CONNECT 127.0.0.1:9 HTTP/1.1\r\n";
    private const string Host = "Host: 127.0.0.1:9\r\n";
    private const string Paid = "Proxy-Authorization: Preshared " + ProductFixture.PresharedKey + "\r\n";

    /// <summary>Name, head, status.</summary>
    public static TheoryData<string, string, int> Cases => new()
    {
        { "a space in the target", "CONNECT 127.0.0.1 :9 HTTP/1.1\r\n" + Host + Paid + "\r\n", 400 },
        { "no target", "CONNECT HTTP/1.1\r\n" + Host + Paid + "\r\n", 400 },
        { "no version", "CONNECT 127.0.0.1:9\r\n" + Host + Paid + "\r\n", 400 },
        { "an unknown version", "CONNECT 127.0.0.1:9 HTTP/9.9\r\n" + Host + Paid + "\r\n", 400 },
        { "no Host", Line + Paid + "\r\n", 400 },
        { "two Hosts", Line + Host + Host + Paid + "\r\n", 400 },
        { "a line without a colon", Line + Host + Paid + "no colon here\r\n\r\n", 400 },
        { "a space before the colon", Line + Host + Paid + "X-Name : value\r\n\r\n", 400 },
        { "a folded line", Line + Host + Paid + "X-Name: one\r\n two\r\n\r\n", 400 },
        { "an empty field name", Line + Host + Paid + ": value\r\n\r\n", 400 },
        { "a NUL in a value", Line + Host + Paid + "X-Name: a\0b\r\n\r\n", 400 },
        { "a CR in a value", Line + Host + Paid + "X-Name: a\rb\r\n\r\n", 400 },
        { "Transfer-Encoding", Line + Host + Paid + "Transfer-Encoding: chunked\r\n\r\n", 400 },
        { "a Content-Length", Line + Host + Paid + "Content-Length: 5\r\n\r\n", 400 },
        { "an over-long field", Line + Host + Paid + "X-Name: " + new string('x', 100_000) + "\r\n\r\n", 431 },
        { "an over-long field name", Line + Host + Paid + new string('x', 100_000) + ": y\r\n\r\n", 431 },
        { "too many fields", Line + Host + Paid + string.Concat(Enumerable.Repeat("X-Name: y\r\n", 1000)) + "\r\n", 431 },
        { "an over-long target", "CONNECT " + new string('x', 100_000) + ":9 HTTP/1.1\r\n" + Host + Paid + "\r\n", 431 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_is_refused_and_the_connection_ends(string name, string head, int status)
    {
        Assert.NotEmpty(name);
        foreach (var url in new[] { product.Proxy.Plain, product.Proxy.Tls })
        {
            await using var probe = await HttpProbe.ConnectAsync(url, product.Proxy.CaFile);
            await probe.SendAsync(head + Smuggled);
            ProductAssert.IsRefusal(await probe.ReadHeadAsync(), status, "http_request_error");
            await ProductAssert.IsClosedAsync(probe);
            ProductAssert.LogIsClean(product.Proxy, "127.0.0.1:9", "smuggled", "X-Name", probe.LocalAddress);
        }
    }

    [Fact]
    public async Task A_CONNECT_after_another_request_on_the_same_connection_is_refused_and_ends_it()
    {
        await using var probe = await HttpProbe.ConnectAsync(product.Proxy.Plain);
        await probe.SendAsync("GET /nothing-here HTTP/1.1\r\nHost: proxy.test\r\n\r\n" + Line + Host + Paid + "\r\n" + Smuggled);
        var everything = await probe.ReadToEndAsync();
        var statusLines = everything.Split("\r\n").Where(line => line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)).ToList();
        Assert.InRange(statusLines.Count, 1, 2);
        Assert.All(statusLines, line => Assert.StartsWith("HTTP/1.1 4", line, StringComparison.Ordinal));
        ProductAssert.LogIsClean(product.Proxy, "127.0.0.1:9", "smuggled", probe.LocalAddress);
    }

    /// <summary>RFC 9112, section 2.2.</summary>
    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("\r\n\n\r\n")]
    public async Task Empty_lines_before_the_request_line_are_ignored_however_they_arrive(string lines)
    {
        await using var origin = TcpOrigin.Echo();
        var head = lines + HttpProbe.ConnectHead(origin.Authority, "Proxy-Authorization: " + ProductFixture.Preshared);
        foreach (var parts in new[] { [head], lines.Select(static c => c.ToString()).Append(head[lines.Length..]).ToArray() })
        {
            await using var probe = await HttpProbe.ConnectAsync(product.Proxy.Plain);
            foreach (var part in parts) await probe.SendAsync(part);
            Assert.Equal(200, (await probe.ReadHeadAsync()).Status);
            await probe.SendAsync("through");
            Assert.Equal("through", await probe.ReadAsync("through".Length));
        }

        await using var other = await HttpProbe.ConnectAsync(product.Proxy.Plain);
        await other.SendAsync(lines + "GET /nothing-here HTTP/1.1\r\nHost: proxy.test\r\n\r\n");
        Assert.Equal(404, (await other.ReadHeadAsync()).Status);
    }

    [Theory]
    [InlineData("\r")]
    [InlineData(" \r\n")]
    [InlineData("\r\r\n")]
    [InlineData("\r\n\r\n\r\n\r\n\r\n\r\n")]
    public async Task What_is_no_empty_line_or_too_many_of_them_is_refused(string lines)
    {
        await using var probe = await HttpProbe.ConnectAsync(product.Proxy.Plain);
        await probe.SendAsync(lines + Line + Host + Paid + "\r\n");
        Assert.Equal(400, (await probe.ReadHeadAsync()).Status);
    }

    [Fact]
    public async Task A_head_that_arrives_byte_by_byte_is_read()
    {
        await using var origin = TcpOrigin.Echo();
        await using var probe = await HttpProbe.ConnectAsync(product.Proxy.Plain);
        foreach (var part in HttpProbe.ConnectHead(origin.Authority, "Proxy-Authorization: " + ProductFixture.Preshared)) await probe.SendAsync(part.ToString());
        Assert.Equal(200, (await probe.ReadHeadAsync()).Status);
    }

    [Fact]
    public async Task Garbage_instead_of_a_request_ends_the_connection_and_the_log_stays_clean()
    {
        foreach (var garbage in new[] { "\0\u0001\u0002\u0003", "\u0016\u0003\u0001\0\u0005hello", "CONNECT", "CONNECTED x y\r\n\r\n", "\r\n\r\n\r\n", "SSH-2.0-client\r\n" })
        {
            await using var probe = await HttpProbe.ConnectAsync(product.Proxy.Plain);
            await probe.SendAsync(garbage);
            await probe.HalfCloseAsync();
            await ReadAsMuchAsThereIsAsync(probe);
            ProductAssert.LogIsClean(product.Proxy, probe.LocalAddress);
        }

        Assert.Equal(System.Net.HttpStatusCode.OK, await product.Proxy.ProbeAsync("/readyz"));
    }

    private static async Task ReadAsMuchAsThereIsAsync(HttpProbe probe)
    {
        try
        {
            await probe.ReadToEndAsync();
        }
        catch (IOException)
        {
            // A reset ends it as well.
        }
    }
}
