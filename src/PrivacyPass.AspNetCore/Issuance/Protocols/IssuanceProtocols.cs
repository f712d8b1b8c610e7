using Microsoft.Net.Http.Headers;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>The ways to ask for tokens that are taken here, by their media types.</summary>
internal sealed class IssuanceProtocols(IReadOnlyList<IssuanceProtocol> protocols)
{
    /// <summary>For who sends something else.</summary>
    public string Expected { get; } = $"Send {string.Join(" or ", protocols.Select(static protocol => protocol.RequestType))}.";

    public IssuanceProtocol? Find(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type)) return null;
        foreach (var protocol in protocols)
            if (type.MediaType.Equals(protocol.RequestType, StringComparison.OrdinalIgnoreCase)) return protocol;
        return null;
    }
}
