using PrivacyProxy.Egress;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>A client's connection on a loop, as a tunnel's end.</summary>
/// <param name="channel">The connection.</param>
/// <param name="early">What the client sent before its tunnel was open; null for nothing.</param>
internal sealed class LoopEnd(Channel channel, byte[]? early) : TunnelEnd
{
    public override OpenTunnel Open(TunnelKind kind, in EgressConnection origin, TunnelRegistry registry, TunnelTraffic traffic, TimeProvider time) =>
        new LoopTunnel(channel, early, origin.Channel!, registry, traffic);
}
