using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MsQuic;
using PrivacyProxy.Requests;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyProxy.Tests.Http3;

/// <summary>The relay's HTTP/3 to the proxy's over real QUIC: many tunnels that share what QUIC has only once.</summary>
public sealed class RelayQuicTests
{
    private const int Stalled = 40;

    /// <summary>More than fits into a stream's window and the buffers at both ends of it.</summary>
    private const int More = 2_500_000;

    private const int SocketBuffer = 16 * 1024;

    [SkippableFact]
    public async Task Destinations_that_do_not_read_hold_up_no_other_tunnel()
    {
        await using var proxy = await StartAsync();
        await using var hop = Hop(proxy);
        var dialer = new TunnelDialer(hop, TestTimes.Limit, TimeProvider.System, new TunnelTally(TimeProvider.System));
        proxy.Egress.SendBufferSize = SocketBuffer;
        using var silent = new TestOrigin(SocketBuffer);
        await using var echo = TcpOrigin.Echo();
        var tunnels = new List<DuplexStream>();
        var accepted = new List<Socket>();
        var stuck = new List<Task>();
        for (var i = 0; i < Stalled; i++)
        {
            var tunnel = await OpenAsync(dialer, silent.Port);
            accepted.Add(await silent.AcceptAsync());
            tunnels.Add(tunnel);
            stuck.Add(tunnel.WriteAsync(new byte[More]).AsTask());
        }

        await EchoAsync(dialer, echo.Port);
        Assert.DoesNotContain(stuck, static task => task.IsCompleted);
        await CloseAsync(tunnels, accepted);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
    }

    [SkippableFact]
    public async Task Local_programs_that_do_not_read_hold_up_no_other_tunnel()
    {
        await using var proxy = await StartAsync();
        await using var hop = Hop(proxy);
        var dialer = new TunnelDialer(hop, TestTimes.Limit, TimeProvider.System, new TunnelTally(TimeProvider.System));
        proxy.Egress.ReceiveBufferSize = SocketBuffer;
        using var generous = new TestOrigin();
        await using var echo = TcpOrigin.Echo();
        var tunnels = new List<DuplexStream>();
        var accepted = new List<Socket>();
        for (var i = 0; i < Stalled; i++)
        {
            tunnels.Add(await OpenAsync(dialer, generous.Port));
            var server = await generous.AcceptAsync();
            accepted.Add(server);
            _ = server.SendAsync(new byte[More], SocketFlags.None).ContinueWith(static sent => _ = sent.Exception, TaskScheduler.Default);
        }

        await EchoAsync(dialer, echo.Port);
        await CloseAsync(tunnels, accepted);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
    }

    [SkippableFact]
    public async Task More_tunnels_than_a_connection_may_have_open_another_one()
    {
        await using var proxy = await StartAsync(maxStreams: 10);
        await using var hop = Hop(proxy);
        var dialer = new TunnelDialer(hop, TestTimes.Limit, TimeProvider.System, new TunnelTally(TimeProvider.System));
        await using var echo = TcpOrigin.Echo();
        var tunnels = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => OpenAsync(dialer, echo.Port))).WaitAsync(TestTimes.Limit);
        Assert.Equal(3, proxy.Connections.Connections);
        foreach (var tunnel in tunnels) await tunnel.DisposeAsync();
    }

    private static async Task<ProxyFixture> StartAsync(int maxStreams = 250)
    {
        Skip.IfNot(QuicLibrary.IsSupported, QuicLibrary.Problem);
        var proxy = await ProxyFixture.StartAsync(tls: true, quic: true, listen: options => options.Quic.MaxStreams = maxStreams);
        proxy.Redeemer.Decide = static _ => RedemptionResult.PresharedAccepted;
        return proxy;
    }

    private static Hop Hop(ProxyFixture proxy)
    {
        var peer = new ProxyPeer(new Uri($"https://localhost:{proxy.EndPoint.Port}"), new TrustPolicy(new X509Certificate2Collection(ProxyFixture.Certificate)), geohash: null);
        return new Hop(new Http3Hop(peer, QuicTransport.ConnectAsync, TimeProvider.System), new PresharedCredentials("good"), "The proxy");
    }

    private static Task<DuplexStream> OpenAsync(TunnelDialer dialer, int port) => dialer.OpenAsync(Destination.Create("origin.example", port)!, CancellationToken.None).AsTask().WaitAsync(TestTimes.Limit);

    private static async Task EchoAsync(TunnelDialer dialer, int port)
    {
        await using var tunnel = await OpenAsync(dialer, port);
        var sent = new byte[100_000];
        var sending = Task.Run(async () =>
        {
            await tunnel.WriteAsync(sent);
            await tunnel.CompleteWritesAsync(CancellationToken.None);
        });
        using var received = new MemoryStream();
        await tunnel.CopyToAsync(received).WaitAsync(TestTimes.Limit);
        await sending;
        Assert.Equal(sent.Length, received.Length);
    }

    private static async Task CloseAsync(List<DuplexStream> tunnels, List<Socket> accepted)
    {
        foreach (var tunnel in tunnels)
        {
            tunnel.Abort();
            await tunnel.DisposeAsync();
        }

        foreach (var socket in accepted) socket.Dispose();
    }
}
