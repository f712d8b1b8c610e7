using PrivacyProxy.Requests;

namespace PrivacyProxy.Forwarding;

/// <summary>There is no connection to the origin: an error of the egress on its way through the HTTP client.</summary>
internal sealed class EgressException(ProxyStatusError error, string? rcode = null) : IOException(ProxyStatus.Token(error))
{
    public Refusal Refusal { get; } = new(error) { Rcode = rcode };
}
