using PrivacyProxy.FunctionalTests.EndToEnd.Harness;
using PrivacyProxy.Listeners.Engine;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>HTTP/2 requests that are no proper CONNECT: refused alone, the other streams of the connection go on.</summary>
[Collection(ProductCollection.Name)]
public sealed class BadHttp2RequestTests(ProductFixture product)
{
    /// <summary>Malformed: RFC 9113, sections 8.1.1 and 8.5. Kestrel, where it serves, answers 400.</summary>
    [Fact]
    public async Task A_CONNECT_without_authority_is_reset()
    {
        await using var connection = await Http2Probe.ConnectAsync(product.Proxy.Plain);
        var stream = await connection.RequestAsync([KeyValuePair.Create(":method", "CONNECT"), Paid()]);
        if (TestEngine.OfProcesses == ListenerEngine.Kestrel) Assert.Equal(400, (await stream.ReadHeadAsync()).Status);
        else Assert.Equal(1u, await stream.ReadResetAsync());
    }

    [Fact]
    public async Task A_CONNECT_with_a_path_and_no_protocol_is_reset()
    {
        await using var connection = await Http2Probe.ConnectAsync(product.Proxy.Plain);
        var stream = await connection.RequestAsync(
        [
            KeyValuePair.Create(":method", "CONNECT"), KeyValuePair.Create(":scheme", "http"), KeyValuePair.Create(":path", "/"),
            KeyValuePair.Create(":authority", "127.0.0.1:9"), Paid(),
        ]);
        Assert.Equal(1u, await stream.ReadResetAsync());
    }

    /// <summary>RFC 9113, section 8.2.2.</summary>
    [Theory]
    [InlineData("connection", "close")]
    [InlineData("connection", "")]
    [InlineData("proxy-connection", "keep-alive")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("transfer-encoding", "identity")]
    [InlineData("upgrade", "websocket")]
    [InlineData("te", "gzip")]
    [InlineData("te", "trailers, gzip")]
    [InlineData("te", "")]
    public async Task A_field_that_speaks_of_a_connection_makes_any_request_malformed(string name, string value)
    {
        await using var origin = TcpOrigin.Echo();
        foreach (var first in new KeyValuePair<string, string>[][]
        {
            [KeyValuePair.Create(":method", "CONNECT"), KeyValuePair.Create(":authority", origin.Authority)],
            [
                KeyValuePair.Create(":method", "CONNECT"), KeyValuePair.Create(":protocol", "connect-tcp"), KeyValuePair.Create(":scheme", "http"),
                KeyValuePair.Create(":path", $"/.well-known/masque/tcp/127.0.0.1/{origin.Authority.Split(':')[1]}/"), KeyValuePair.Create(":authority", "proxy.test"),
            ],
            [KeyValuePair.Create(":method", "GET"), KeyValuePair.Create(":scheme", "http"), KeyValuePair.Create(":path", "/.well-known/pvd"), KeyValuePair.Create(":authority", "proxy.test")],
        })
        {
            await using var connection = await Http2Probe.ConnectAsync(product.Proxy.Plain);
            var stream = await connection.RequestAsync([.. first, Paid(), KeyValuePair.Create(name, value)]);
            try
            {
                Assert.Equal(1u, await stream.ReadResetAsync());
            }
            catch (IOException) when (name is "connection" or "te")
            {
                // These two Kestrel knows itself, and ends the connection with PROTOCOL_ERROR.
            }
        }

        Assert.Equal(0, origin.Accepted);
    }

    [Fact]
    public async Task Te_with_trailers_is_allowed()
    {
        await using var origin = TcpOrigin.Echo();
        await using var connection = await Http2Probe.ConnectAsync(product.Proxy.Plain);
        var stream = await connection.ConnectAsync(origin.Authority, Paid(), KeyValuePair.Create("te", "trailers"));
        Assert.Equal(200, (await stream.ReadHeadAsync()).Status);
    }

    [Fact]
    public async Task An_unknown_protocol_is_refused_with_501()
    {
        await using var connection = await Http2Probe.ConnectAsync(product.Proxy.Plain);
        var stream = await connection.RequestAsync(
        [
            KeyValuePair.Create(":method", "CONNECT"), KeyValuePair.Create(":protocol", "no-such-protocol"), KeyValuePair.Create(":scheme", "http"),
            KeyValuePair.Create(":path", "/"), KeyValuePair.Create(":authority", "proxy.test"), Paid(),
        ]);
        Assert.Equal(501, (await stream.ReadHeadAsync()).Status);
    }

    [Fact]
    public async Task Over_long_fields_open_nothing_and_the_proxy_goes_on()
    {
        await using var origin = TcpOrigin.Echo();
        await using (var connection = await Http2Probe.ConnectAsync(product.Proxy.Plain))
        {
            try
            {
                var stream = await connection.ConnectAsync(origin.Authority, Paid(), KeyValuePair.Create("x-name", new string('x', 100_000)));
                Assert.Equal(431, (await stream.ReadHeadAsync()).Status);
            }
            catch (IOException)
            {
                // Kestrel ends the connection instead: it does not go on decoding (RFC 9113, section 10.5.1).
            }

            ProductAssert.LogIsClean(product.Proxy, "x-name", origin.Authority, connection.LocalAddress);
        }

        Assert.Equal(0, origin.Accepted);
        Assert.Equal(200, (await TunnelProbe.AnswerAsync(product.Proxy, ProxyVersion.Http2, origin.Authority, Paid())).Status);
    }

    [Fact]
    public async Task A_refused_stream_leaves_the_tunnels_beside_it_open()
    {
        await using var origin = TcpOrigin.Echo();
        await using var connection = await Http2Probe.ConnectAsync(product.Proxy.Tls, product.Proxy.CaFile);
        var tunnel = await connection.ConnectAsync(origin.Authority, Paid());
        Assert.Equal(200, (await tunnel.ReadHeadAsync()).Status);

        Assert.Equal(407, (await (await connection.ConnectAsync(origin.Authority)).ReadHeadAsync()).Status);
        Assert.Equal(400, (await (await connection.ConnectAsync("nowhere:0", Paid())).ReadHeadAsync()).Status);

        await tunnel.SendAsync("still here");
        await tunnel.HalfCloseAsync();
        Assert.Equal("still here", await tunnel.ReadToEndAsync());
    }

    private static KeyValuePair<string, string> Paid() => KeyValuePair.Create("proxy-authorization", ProductFixture.Preshared);
}
