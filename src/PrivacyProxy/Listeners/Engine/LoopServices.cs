using Microsoft.Extensions.Options;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>What every connection on a loop uses.</summary>
internal sealed record LoopServices(TunnelHandler Handler, IOptionsMonitor<TunnelOptions> Options, TimeProvider Time);
