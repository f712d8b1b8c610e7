using Microsoft.Extensions.Options;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>What the tunnels of every connection of our own QUIC use.</summary>
internal sealed record RequestServices(TunnelHandler Handler, TunnelResources Resources, ConnectionRegistry Registry, IOptionsMonitor<TunnelOptions> Options, TimeProvider Time, ILoopSource Loops);
