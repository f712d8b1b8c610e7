using Microsoft.Extensions.Options;
using PrivacyProxy.Listeners.Balancers;
using PrivacyProxy.Listeners.Engine.Http2;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>What every connection on a loop uses.</summary>
internal sealed record LoopServices(
    TunnelHandler Handler,
    TunnelRegistry Tunnels,
    TunnelResources Resources,
    RequestPipeline Pipeline,
    ConnectionRegistry Registry,
    IOptionsMonitor<TunnelOptions> Options,
    HandshakeMetrics Handshakes,
    IHostApplicationLifetime Lifetime,
    TrustedBalancers Balancers,
    TimeProvider Time);
