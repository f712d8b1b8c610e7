using Microsoft.Extensions.Primitives;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>What the proxy needs of an HTTP/1.1 CONNECT head.</summary>
internal sealed record ConnectHead(TunnelTarget Target, TunnelCredentials Credentials, StringValues Geohash, StringValues TraceParent)
{
    public TunnelRequest ToRequest() => new() { Kind = TunnelKind.Connect, Target = Target, Credentials = Credentials, Geohash = Geohash };
}
