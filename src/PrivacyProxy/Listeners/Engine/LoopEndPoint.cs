using System.Net;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>An address that <see cref="LoopTransport"/> listens on, told apart from those of Kestrel's own transport by its type.</summary>
internal sealed class LoopEndPoint(IPEndPoint endPoint, TlsServerContext? tls) : IPEndPoint(endPoint.Address, endPoint.Port)
{
    /// <summary>Null for cleartext.</summary>
    public TlsServerContext? Tls => tls;
}
