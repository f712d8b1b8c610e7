using System.Net.Sockets;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Clients that do not even try: nothing of them stays, not in the log and not in the way of others.</summary>
[Collection(ProductCollection.Name)]
public sealed class RudeClientTests(ProductFixture product)
{
    [Theory]
    [InlineData("nothing", "")]
    [InlineData("half a TLS record", "\u0016\u0003\u0001\u0002\0\u0001\0")]
    [InlineData("cleartext HTTP", "CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n")]
    [InlineData("zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task What_is_no_TLS_on_the_TLS_port_leaves_no_trace(string name, string bytes)
    {
        Assert.NotEmpty(name);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(product.Proxy.Tls.Host, product.Proxy.Tls.Port);
        var address = socket.LocalEndPoint!.ToString()!;
        await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(bytes));
        socket.Shutdown(SocketShutdown.Send);
        await ReadToEndAsync(socket);
        await IsAsGoodAsNewAsync(address);
    }

    [Theory]
    [InlineData(ProxyVersion.Http1)]
    [InlineData(ProxyVersion.Http1Tls)]
    [InlineData(ProxyVersion.Http2)]
    [InlineData(ProxyVersion.Http2Tls)]
    public async Task A_client_that_leaves_while_its_origin_is_dialled_leaves_no_trace(ProxyVersion version)
    {
        using var origin = new SilentOrigin();
        await using var probe = await TunnelProbe.ConnectAsync(product.Proxy, version, origin.Authority, [Credentials.Field(ProductFixture.Preshared)]);
        await probe.ResetAsync();
        await IsAsGoodAsNewAsync(probe.LocalAddress, origin.Authority);
    }

    [Theory]
    [InlineData(ProxyVersion.Http1)]
    [InlineData(ProxyVersion.Http2)]
    public async Task A_request_that_is_no_CONNECT_gets_an_answer_with_Server_Timing(ProxyVersion version)
    {
        HttpHead head;
        if (version == ProxyVersion.Http1)
        {
            await using var probe = await HttpProbe.ConnectAsync(product.Proxy.Plain);
            await probe.SendAsync("GET / HTTP/1.1\r\nHost: proxy.test\r\n\r\n");
            head = await probe.ReadHeadAsync();
        }
        else
        {
            await using var connection = await Http2Probe.ConnectAsync(product.Proxy.Plain);
            var stream = await connection.RequestAsync(
            [
                KeyValuePair.Create(":method", "GET"), KeyValuePair.Create(":scheme", "http"),
                KeyValuePair.Create(":path", "/"), KeyValuePair.Create(":authority", "proxy.test"),
            ], endStream: true);
            head = await stream.ReadHeadAsync();
        }

        Assert.Equal(4, head.Status / 100);
        ProductAssert.HasServerTiming(head);
    }

    private static async Task ReadToEndAsync(Socket socket)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, deadline.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }

    private async Task IsAsGoodAsNewAsync(params string[] secrets)
    {
        await using var origin = TcpOrigin.Echo();
        await using (await TunnelProbe.OpenAsync(product.Proxy, ProxyVersion.Http1Tls, origin.Authority, ProductFixture.Preshared))
        {
        }

        ProductAssert.LogIsClean(product.Proxy, secrets);
    }
}
