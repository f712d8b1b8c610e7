using System.Net;
using PrivacyProxy.Listeners.Inherited;
using PrivacyProxy.Listeners.KestrelHttp3;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>An address that <see cref="LoopTransport"/> listens on, told apart from those of Kestrel's own transport by its type.</summary>
internal sealed class LoopEndPoint(IPEndPoint endPoint, TlsServerContext? tls) : IPEndPoint(endPoint.Address, endPoint.Port)
{
    /// <summary>Null for cleartext.</summary>
    public TlsServerContext? Tls => tls;

    /// <summary>The socket that is there already; null to bind one.</summary>
    public InheritedSocket? Inherited { get; init; }

    /// <summary>Where the same is served over HTTP/3; null for nowhere.</summary>
    public Http3Alternative? Alternative { get; init; }
}
