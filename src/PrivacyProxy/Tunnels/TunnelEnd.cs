using PrivacyProxy.Egress;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tunnels;

/// <summary>The client's end of a tunnel that was accepted.</summary>
internal abstract class TunnelEnd
{
    /// <summary>The tunnel between it and the connection that was dialled for it, which is the tunnel's from here on.</summary>
    public abstract OpenTunnel Open(TunnelKind kind, in EgressConnection origin, TunnelRegistry registry, TunnelTraffic traffic, TimeProvider time);
}
