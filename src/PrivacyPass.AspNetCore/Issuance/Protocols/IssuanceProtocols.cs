using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>The ways to ask for tokens that this issuer knows, by their media types.</summary>
internal sealed class IssuanceProtocols
{
    private readonly IssuanceProtocol[] _protocols;

    public IssuanceProtocols(IssuerKeyRing keys, ITokenExtensionPolicy extensions, IOptions<PrivacyPassIssuerOptions> options)
    {
        var single = new SingleIssuance(keys, extensions);
        var most = options.Value.MaxBatch;
        _protocols = most == 0 ? [single] : [single, new AmortizedIssuance(keys, most), new GenericIssuance(keys, single, most)];
        Expected = $"Send {string.Join(" or ", _protocols.Select(static protocol => protocol.RequestType))}.";
    }

    /// <summary>For who sends something else.</summary>
    public string Expected { get; }

    public IssuanceProtocol? Find(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type)) return null;
        foreach (var protocol in _protocols)
            if (type.MediaType.Equals(protocol.RequestType, StringComparison.OrdinalIgnoreCase)) return protocol;
        return null;
    }
}
