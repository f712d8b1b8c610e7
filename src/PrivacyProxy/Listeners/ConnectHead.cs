using Microsoft.Extensions.Primitives;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners;

/// <summary>What the proxy needs of an HTTP/1.1 CONNECT head.</summary>
internal sealed record ConnectHead(TunnelTarget Target, TunnelCredentials Credentials, StringValues Geohash, StringValues TraceParent);
