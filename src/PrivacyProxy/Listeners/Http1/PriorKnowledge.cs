using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>
/// Tells Kestrel that a cleartext connection speaks HTTP/2 (RFC 9113, section 3.3). Without ALPN Kestrel takes every connection
/// of an endpoint that has both versions for HTTP/1.1; it has no public switch per connection but what the TLS layer leaves behind.
/// </summary>
internal sealed class PriorKnowledge : ITlsApplicationProtocolFeature, ITlsConnectionFeature
{
    private static readonly PriorKnowledge _instance = new();

    public ReadOnlyMemory<byte> ApplicationProtocol => SslApplicationProtocol.Http2.Protocol;

    public X509Certificate2? ClientCertificate
    {
        get => null;
        set => throw new NotSupportedException();
    }

    public static void Announce(ConnectionContext connection)
    {
        connection.Features.Set<ITlsApplicationProtocolFeature>(_instance);
        connection.Features.Set<ITlsConnectionFeature>(_instance);
    }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
}
