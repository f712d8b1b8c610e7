namespace PrivacyProxy.Requests;

/// <summary>The HTTP version that carries the tunnel.</summary>
internal enum TunnelProtocol
{
    Http1,
    Http2,
    Http3,
}
