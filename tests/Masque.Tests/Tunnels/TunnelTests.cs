using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Masque.Tunnels;
using MyProxy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Masque.Tests.Tunnels;

/// <summary>Both halves of tunnels against each other, over Kestrel and real sockets.</summary>
public sealed class TunnelTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static TheoryData<HttpProtocols, string> Versions => new() { { HttpProtocols.Http1, "1.1" }, { HttpProtocols.Http2, "2.0" } };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_readmes_client_and_server_take_packets_both_ways(HttpProtocols protocol, string version)
    {
        await using var proxy = Start(protocol, static app => app.MapUdpTunnels());
        using var origin = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var asked = ReadmeTunnels.AskAsync(new Uri(proxy.Urls.First()), Port(origin.Client), [1, 2, 3], Version.Parse(version));

        var arrived = await origin.ReceiveAsync().WaitAsync(_patience);
        await origin.SendAsync(new byte[] { 4, 5 }, arrived.RemoteEndPoint);

        Assert.Equal([1, 2, 3], arrived.Buffer);
        Assert.Equal([4, 5], await asked.WaitAsync(_patience));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_TCP_tunnels_directions_end_apart(HttpProtocols protocol, string version)
    {
        await using var proxy = Start(protocol, static app => app.Run(RelayTcpAsync));
        using var origin = new TcpListener(IPAddress.Loopback, 0);
        origin.Start();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        await using var tunnel = await MasqueClient.OpenTcpAsync(http, new Uri(proxy.Urls.First()), "127.0.0.1", Port(origin.Server), version: Version.Parse(version)).WaitAsync(_patience);
        using var arrived = await origin.AcceptTcpClientAsync().WaitAsync(_patience);
        var sent = new byte[300_000];
        new Random(1).NextBytes(sent);

        await tunnel.Stream.WriteAsync(sent).AsTask().WaitAsync(_patience);
        await tunnel.CompleteWritesAsync();
        var received = await ReadToEndAsync(arrived.GetStream());
        // The other way is open still.
        await arrived.GetStream().WriteAsync("bye"u8.ToArray());
        arrived.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal(sent, received);
        Assert.Equal("bye"u8.ToArray(), await ReadToEndAsync(tunnel.Stream));
    }

    [Fact]
    public async Task A_proxy_that_refuses_says_so_by_its_status()
    {
        await using var proxy = Start(HttpProtocols.Http2, static app => app.Run(static context =>
        {
            context.Response.StatusCode = context.Request.Headers.Authorization == "Preshared k" ? 502 : 401;
            return Task.CompletedTask;
        }));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        var url = new Uri(proxy.Urls.First());

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => MasqueClient.OpenUdpAsync(http, url, "127.0.0.1", 1).WaitAsync(_patience));
        var named = await Assert.ThrowsAsync<HttpRequestException>(
            () => MasqueClient.OpenUdpAsync(http, url, "127.0.0.1", 1, static fields => fields.TryAddWithoutValidation("Authorization", "Preshared k")).WaitAsync(_patience));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.BadGateway), (refused.StatusCode, named.StatusCode));
    }

    [Fact]
    public async Task A_tunnel_is_served_from_two_pipes_until_its_peer_ends_it_and_a_malformed_one_is_broken()
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        await using var server = new UdpTunnel(toServer.Reader, toClient.Writer);
        await using var client = new UdpTunnel(toClient.Reader, toServer.Writer);
        using var origin = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var target = new Socket(SocketType.Dgram, ProtocolType.Udp);
        await target.ConnectAsync(IPAddress.Loopback, Port(origin.Client));
        var serving = server.RelayAsync(target);

        await client.SendAsync(new byte[] { 7 });
        var arrived = await origin.ReceiveAsync().WaitAsync(_patience);
        await origin.SendAsync(new byte[] { 8, 9 }, arrived.RemoteEndPoint);
        Assert.Equal([8, 9], (await client.ReceiveAsync().AsTask().WaitAsync(_patience))!.Value.ToArray());
        await toServer.Writer.CompleteAsync();
        await serving.WaitAsync(_patience);

        var broken = new Pipe();
        await using var other = new UdpTunnel(broken.Reader, new Pipe().Writer);
        await broken.Writer.WriteAsync(new byte[] { 0, 0 });
        await Assert.ThrowsAsync<IOException>(() => other.RelayAsync(target).WaitAsync(_patience));
    }

    private static async Task RelayTcpAsync(HttpContext context)
    {
        using var target = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await target.ConnectAsync(IPAddress.Loopback, int.Parse(context.Request.Path.Value!.Split('/')[5], System.Globalization.CultureInfo.InvariantCulture));
        var stream = context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect ? await connect.AcceptAsync() : await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        await using var tunnel = new TcpTunnel(stream);
        await tunnel.RelayAsync(target, context.RequestAborted);
    }

    private static WebApplication Start(HttpProtocols protocol, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol));
        var app = builder.Build();
        map(app);
        app.Start();
        return app;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static async Task<byte[]> ReadToEndAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).WaitAsync(_patience);
        return all.ToArray();
    }
}
