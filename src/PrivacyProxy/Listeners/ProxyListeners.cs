using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using PrivacyProxy.Admission;
using PrivacyProxy.Certificates;
using PrivacyProxy.Listeners.Balancers;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Listeners.Http1;
using PrivacyProxy.Listeners.Inherited;
using PrivacyProxy.Listeners.KestrelHttp3;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;
using PrivacyProxy.Listeners.KestrelHttp3.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners;

/// <summary>Sets Kestrel up as a proxy.</summary>
internal static class ProxyListeners
{
    private const int MaxStreams = 250;

    /// <summary>What a tunnel whose destination does not read may hold in memory.</summary>
    private const int StreamWindow = 768 * 1024;

    /// <summary>
    /// Kestrel counts a byte here until the tunnel has taken it, and gives bytes back when they are half of the window: so it is twice what
    /// all tunnels together may hold (375 MiB, of which never more than half is memory), or stalled ones would stop the others.
    /// </summary>
    private const int ConnectionWindow = 2 * MaxStreams * StreamWindow;

    /// <summary>HTTP/3 needs a transport: Kestrel registers QUIC where libmsquic is installed.</summary>
    public static bool CanServeHttp3(this IServiceProvider services) => services.GetService<IMultiplexedConnectionListenerFactory>() is not null;

    /// <summary>
    /// Listens for proxy clients: HTTP/1.1 and HTTP/2 on one port, by ALPN over TLS and by the first bytes in cleartext;
    /// with <paramref name="tls"/> also HTTP/3 on the same port number where <see cref="CanServeHttp3"/> and the port is not
    /// left to the system, which would choose another for each transport.
    /// </summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="endPoint">Where.</param>
    /// <param name="tls">Null for cleartext.</param>
    /// <param name="publicPort">The port by which clients reach it, if that is another: told in Alt-Svc.</param>
    public static void ListenProxy(this KestrelServerOptions kestrel, IPEndPoint endPoint, ServerTls? tls = null, int? publicPort = null)
    {
        var services = kestrel.ApplicationServices;
        LiftLimits(kestrel, services.GetRequiredService<IOptions<TunnelOptions>>().Value);
        if (services.GetRequiredService<TunnelLoops>().AreUsed(tls is not null))
        {
            kestrel.ListenOnLoops(endPoint, tls, publicPort);
            return;
        }

        kestrel.Listen(services.GetRequiredService<InheritedSockets>().Find(endPoint) is { } inherited ? new InheritedEndPoint(inherited, endPoint) : endPoint, listen =>
        {
            // It would be on the answers to CONNECT too.
            listen.DisableAltSvcHeader = true;
            if (services.GetRequiredService<TrustedBalancers>() is { AreExpected: true } balancers)
            {
                var patience = services.GetRequiredService<IOptions<TunnelOptions>>().Value.RequestHeadTimeout;
                listen.Use(next => connection => BalancedConnection.ServeAsync(connection, balancers, patience, next));
            }

            if (tls is not null)
            {
                // In cleartext the default stands: both, about which Kestrel warns wrongly when told so.
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                if (endPoint.Port == 0 || !services.CanServeHttp3())
                {
                    listen.UseTls(tls.ForKestrel());
                }
                else
                {
                    listen.UseTls(tls.ForQuic());
                    ServeHttp3(listen, Http3Alternative.At(publicPort ?? endPoint.Port), services);
                }
            }

            listen.Use(next => new ConnectFront(
                next,
                services.GetRequiredService<TunnelHandler>(),
                services.GetRequiredService<IOptionsMonitor<TunnelOptions>>(),
                services.GetRequiredService<TimeProvider>()).OnConnectionAsync);
        });
    }

    /// <summary>Serves CONNECT on HTTP/2 and HTTP/3; every other request goes on.</summary>
    public static IApplicationBuilder UseTunnels(this IApplicationBuilder app) => app.UseMiddleware<RequestLimits>().UseMiddleware<TunnelMiddleware>();

    /// <summary>The same on event loops; Kestrel has HTTP/3, and those connections that do not begin with a tunnel.</summary>
    private static void ListenOnLoops(this KestrelServerOptions kestrel, IPEndPoint endPoint, ServerTls? tls, int? publicPort)
    {
        var services = kestrel.ApplicationServices;
        var hasHttp3 = tls is not null && endPoint.Port != 0 && services.CanServeHttp3();
        var alternative = hasHttp3 ? Http3Alternative.At(publicPort ?? endPoint.Port) : null;
        kestrel.Listen(new LoopEndPoint(endPoint, tls?.ForLoops()) { Alternative = alternative, Inherited = services.GetRequiredService<InheritedSockets>().Find(endPoint) }, listen =>
        {
            listen.DisableAltSvcHeader = true;
            if (tls is null) return;
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            // Lets connections pass whose handshake was done on a loop; those of QUIC get the certificate from here.
            listen.UseHttps(tls.ForQuic());
            listen.Use(TlsFeatures.Tag);
            if (alternative is not null) ServeHttp3(listen, alternative, services);
        });
    }

    private static void ServeHttp3(ListenOptions listen, Http3Alternative alternative, IServiceProvider services)
    {
        services.GetRequiredService<Http3Listening>().IsServed = true;
        var registry = services.GetRequiredService<ConnectionRegistry>();
        var counters = services.GetRequiredService<DatagramCounters>();
        var options = services.GetRequiredService<IOptions<ListenerOptions>>().Value.Quic;
        var requests = services.GetRequiredService<RequestServices>();
        listen.Protocols |= HttpProtocols.Http3;
        ((IMultiplexedConnectionBuilder)listen).Use(next => connection => QuicPlace.ServeAsync(connection, registry, quic => new HttpDatagrams(quic, counters, options), requests, next));
        listen.Use(next => connection => alternative.OnConnectionAsync(connection, next));
    }

    private static void LiftLimits(KestrelServerOptions kestrel, TunnelOptions tunnels)
    {
        kestrel.AddServerHeader = false;
        ConnectionNames.Remember(kestrel);
        // Behind a load balancer that ends TLS, :scheme is https on a cleartext connection.
        kestrel.AllowAlternateSchemes = true;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestHeadersTotalSize = tunnels.MaxRequestHeadSize;
        limits.MaxRequestHeaderCount = tunnels.MaxRequestFields;
        limits.RequestHeadersTimeout = tunnels.RequestHeadTimeout;
        limits.Http2.MaxStreamsPerConnection = MaxStreams;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        limits.Http2.InitialStreamWindowSize = StreamWindow;
    }
}
