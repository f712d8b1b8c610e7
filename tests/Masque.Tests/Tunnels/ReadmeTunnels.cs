using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Masque.Templates;
using Masque.Tunnels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace MyProxy;

internal static class ReadmeTunnels
{
    /// <summary>A server: tunnels for UDP at the default place, on HTTP/2 and HTTP/1.1.</summary>
    public static void MapUdpTunnels(this WebApplication app)
    {
        var template = TargetTemplate.TryParse(MasqueTemplates.DefaultUdp, out var parsed) ? parsed : throw new FormatException("No template.");
        app.Use(async (context, next) =>
        {
            if (!template.TryMatch(context.Request.Path, out _, out var port) || port is null)
            {
                await next(context);
                return;
            }

            // Who may go where is yours to decide: here, whoever asks to this machine.
            using var target = new Socket(SocketType.Dgram, ProtocolType.Udp);
            await target.ConnectAsync(IPAddress.Loopback, int.Parse(port));
            context.Response.Headers["Capsule-Protocol"] = "?1";
            var stream = context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect ? await connect.AcceptAsync()
                : await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            await using var tunnel = new UdpTunnel(stream);
            await tunnel.RelayAsync(target, context.RequestAborted);
        });
    }

    /// <summary>A client: one packet there, one back.</summary>
    public static async Task<byte[]> AskAsync(Uri proxy, int port, byte[] packet, Version version)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        await using var tunnel = await MasqueClient.OpenUdpAsync(http, proxy, "127.0.0.1", port, version: version);
        await tunnel.SendAsync(packet);
        return (await tunnel.ReceiveAsync())?.ToArray() ?? [];
    }
}
