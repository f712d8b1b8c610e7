using System.Net.Sockets;
using System.Text;
using PrivacyProxy.Listeners.Engine;
using Tunneling.Admission;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>What the native engine serves itself, and what it hands on.</summary>
public sealed class EngineTests
{
    [Theory]
    [InlineData(TestWay.Http1Native)]
    [InlineData(TestWay.Http1NativeTls)]
    [InlineData(TestWay.Http2Native)]
    [InlineData(TestWay.Http2NativeTls)]
    [InlineData(TestWay.Http1Tls)]
    public async Task A_tunnel_is_dialled_on_the_loop_of_its_client(TestWay way)
    {
        var onLoop = way != TestWay.Http1Tls || TestEngine.Current == ListenerEngine.Native;
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        Assert.Equal(onLoop, Assert.Single(proxy.Egress.Seen).OnLoop);
    }

    [Fact]
    public async Task What_is_no_tunnel_is_answered_by_Kestrel_and_leaves_its_place()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http1Native);
        foreach (var version in new[] { new Version(1, 1), new Version(2, 0) })
        {
            using var client = new HttpClient { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = TestTimes.Limit };
            for (var i = 0; i < 3; i++) Assert.Equal("not a tunnel", await client.GetStringAsync(new Uri($"http://{proxy.EndPoint}/")));
            Assert.Equal(1, proxy.Connections.Strangers);
            client.Dispose();
            await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        }

        Assert.Empty(proxy.Logs.Lines);
    }

    [Fact]
    public async Task A_stranger_that_sends_too_much_after_its_refusal_is_closed()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http1Native, limits: new AdmissionLimits { Places = 100, MaxStrangerBytes = 64 * 1024 });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.EndPoint);
        await socket.SendAsync(Encoding.ASCII.GetBytes("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"));
        var flood = new byte[16 * 1024];
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            // Less than is read from everybody else who was refused.
            for (var sent = 0; sent < 64 * 1024 * 1024; sent += flood.Length) await socket.SendAsync(flood).WaitAsync(TestTimes.Limit);
        });
        await TestTimes.UntilAsync(() => proxy.Connections.Shed(ShedReason.Flood) == 1 && proxy.Connections.Connections == 0);
    }

    [Theory]
    [InlineData(TestWay.Http2Native)]
    [InlineData(TestWay.Http2NativeTls)]
    public async Task A_draining_proxy_tells_clients_of_HTTP2_to_go_elsewhere_and_lets_their_streams_end(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = (Http2TestClient)await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        Assert.Null(client.GoAwayCode);

        proxy.Registry.StartDraining();
        await TestTimes.UntilAsync(() => client.GoAwayCode == 0);
        await client.WriteAsync("still"u8.ToArray());
        Assert.Equal(5, await server.ReceiveAsync(new byte[8], SocketFlags.None).WaitAsync(TestTimes.Limit));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        await client.EndAsync();
        // Its last stream has ended, and so does it.
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Empty(proxy.Logs.Lines);
    }
}
