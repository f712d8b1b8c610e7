using Microsoft.Extensions.Options;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>What every connection on a loop uses.</summary>
internal sealed record LoopServices(TunnelHandler Handler, ConnectionRegistry Registry, IOptionsMonitor<TunnelOptions> Options, HandshakeMetrics Handshakes, TimeProvider Time);
