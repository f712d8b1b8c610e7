using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using MsQuic;
using PrivacyProxy.Listeners.Balancers;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Listeners.Engine.Http2;
using PrivacyProxy.Listeners.Inherited;
using PrivacyProxy.Listeners.KestrelHttp3;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Listeners.KestrelHttp3.Requests;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Recording;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners;

/// <summary>Sets Kestrel's transport up for tunnels.</summary>
internal static class ListenerServices
{
    /// <summary>Bytes read ahead of a tunnel that cannot pass them on; Kestrel's default is 1 MiB.</summary>
    private const int MaxReadAhead = 256 * 1024;

    /// <summary>To be called after UseKestrel, whose own memory pool would be the last registered otherwise, and with that the one in effect.</summary>
    public static IServiceCollection AddProxyTransport(this IServiceCollection services)
    {
        services.AddSingleton<DistributedContextPropagator, NoContext>();
        services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemoryPool.Factory>();
        services.AddSingleton<TunnelResources>();
        services.AddSingleton<Http3Listening>();
        services.AddSingleton<TrustedBalancers>();
        services.AddSingleton<DatagramCounters>();
        services.AddSingleton<RequestServices>();
        services.AddSingleton<TunnelLoops>();
        services.AddSingleton<ILoopSource>(static provider => provider.GetRequiredService<TunnelLoops>());
        services.AddSingleton<HandshakeMetrics>();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<LoopServices>();
        PipelineServer.Decorate(services);
        services.AddSingleton<IConnectionListenerFactory, LoopTransport>();
        services.AddSingleton<InheritedSockets>(static _ => InheritedSockets.OfProcess());
        services.AddSingleton<IConnectionListenerFactory, InheritedTransport>();
        services.Configure<SocketTransportOptions>(static options =>
        {
            options.MaxReadBufferSize = MaxReadAhead;
            options.CreateBoundListenSocket = static endPoint => endPoint is InheritedEndPoint inherited ? inherited.Open() : SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        });
        // The last registered is asked first; it leaves what it is not to serve to the one of .NET.
        if (QuicLibrary.IsSupported) services.AddSingleton<IMultiplexedConnectionListenerFactory, QuicTransport>();
        return services;
    }
}
