using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Masque.Tunnels;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>
/// A proxy with TLS that speaks HTTP/2 and takes extended CONNECT to the default templates: connect-tcp dials loopback whatever the
/// host, connect-udp sends every capsule back. With a <see cref="FakeProxy"/> for those who negotiate HTTP/1.1, that one serves them.
/// </summary>
internal sealed class FakeHttp2Proxy : IAsyncDisposable
{
    private readonly TokenGate _gate;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConnectionContext> _connections = [];
    private int _accepted;

    private FakeHttp2Proxy(TokenMint? mint, X509Certificate2 certificate, int maxStreams, FakeProxy? http1)
    {
        _gate = new TokenGate(mint);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = maxStreams;
            kestrel.Limits.Http2.InitialStreamWindowSize = 512 * 1024;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 8 * 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = http1 is null ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
                listen.Use(next => connection => ServeConnectionAsync(connection, http1, next));
            });
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Every tunnel asked for: the path, :protocol and credentials.</summary>
    public ConcurrentQueue<(string Path, string? Protocol, string? Authorization, string? Geohash)> Requests { get; } = [];

    /// <summary>TCP connections taken.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Those of HTTP/2 that are open.</summary>
    public int Open => _connections.Count;

    public TokenGate Gate => _gate;

    /// <summary>Answers every request with this, as a server whose HTTP/2 is for something else.</summary>
    public int? FixedStatus { get; set; }

    public static async Task<FakeHttp2Proxy> StartAsync(X509Certificate2 certificate, TokenMint? mint = null, int maxStreams = 100, FakeProxy? http1 = null)
    {
        var proxy = new FakeHttp2Proxy(mint, certificate, maxStreams, http1);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Cuts every connection.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Values) connection.Abort();
    }

    /// <summary>Tells every connection to take no new tunnels (GOAWAY); those that are open go on.</summary>
    public void GoAway()
    {
        foreach (var connection in _connections.Values) connection.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _app.DisposeAsync();
    }

    private async Task ServeConnectionAsync(ConnectionContext connection, FakeProxy? http1, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _accepted);
        if (http1 is not null && connection.Features.Get<ISslStreamFeature>()?.SslStream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            await http1.ServeAsync(connection.Transport.Input.AsStream(), connection.Transport.Output.AsStream(), () => connection.Transport.Output.CompleteAsync().AsTask(), connection.ConnectionClosed);
            return;
        }

        _connections[connection.ConnectionId] = connection;
        await next(connection);
        _connections.TryRemove(connection.ConnectionId, out _);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var connect = context.Features.Get<IHttpExtendedConnectFeature>();
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var authorization = context.Request.Headers.Authorization.FirstOrDefault();
        Requests.Enqueue((path, connect?.Protocol, authorization, context.Request.Headers["sec-ch-geohash"].FirstOrDefault()));
        if (FixedStatus is { } status) context.Response.StatusCode = status;
        else if (connect is not { IsExtendedConnect: true } || context.Request.Headers["Capsule-Protocol"] != "?1") context.Response.StatusCode = StatusCodes.Status400BadRequest;
        else if (!_gate.Admits(authorization)) Refuse(context.Response);
        else await TunnelAsync(context, await connect.AcceptAsync(), path);
    }

    private void Refuse(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status401Unauthorized;
        response.Headers.WWWAuthenticate = _gate.Challenge;
    }

    private static async Task TunnelAsync(HttpContext context, Stream stream, string path)
    {
        var parts = path.Split('/');
        try
        {
            if (parts[3] == "udp") await stream.CopyToAsync(stream, context.RequestAborted);
            else await TunnelTcpAsync(context, stream, int.Parse(parts[5]));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            context.Abort();
        }
    }

    private static async Task TunnelTcpAsync(HttpContext context, Stream stream, int port)
    {
        using var origin = new TcpClient();
        await origin.ConnectAsync(IPAddress.Loopback, port);
        // The capsules of connect-tcp are the same both ways.
        var client = new DataCapsuleStream(stream);
        await using var far = origin.GetStream();
        var up = Task.Run(async () =>
        {
            await client.CopyToAsync(far, context.RequestAborted);
            origin.Client.Shutdown(SocketShutdown.Send);
        });
        await far.CopyToAsync(client, context.RequestAborted);
        await client.CompleteWritesAsync(context.RequestAborted);
        await up;
    }
}
