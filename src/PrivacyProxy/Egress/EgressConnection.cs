using System.Net.Sockets;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Egress;

/// <summary>A connected socket (TCP_NODELAY set), or the RFC 9209 error that says why there is none.</summary>
internal readonly record struct EgressConnection(Socket? Socket, ProxyStatusError Error)
{
    public static EgressConnection Failed(ProxyStatusError error) => new(null, error);
}
