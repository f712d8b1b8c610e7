using Microsoft.Extensions.Primitives;

namespace PrivacyProxy.Requests;

/// <summary>The credential headers as received: read once by Redemption, never forwarded, never logged.</summary>
internal readonly record struct TunnelCredentials(StringValues ProxyAuthorization, StringValues Authorization)
{
    /// <summary>The certificate of the client's connection, whatever it is worth; null without.</summary>
    public PeerCertificate? Certificate { get; init; }

    /// <summary>Neither header value nor length is ever printed.</summary>
    public override string ToString() => "TunnelCredentials";
}
