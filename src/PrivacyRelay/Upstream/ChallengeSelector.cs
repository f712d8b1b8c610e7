using PrivacyPass;
using PrivacyPass.Http;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Upstream;

/// <summary>Picks the one challenge to answer of those a proxy makes (RFC 9577, section 2.1.2.1).</summary>
/// <param name="proxyAuthority">The proxy's own <c>host:port</c>: a challenge for other origins is not answered (section 2.1).</param>
/// <param name="issuerHost">The host of the issuer the relay uses; a challenge that names it comes first.</param>
/// <param name="takesExperimental">Whether challenges of experimental token types are answered.</param>
/// <param name="takesMetadata">Whether those of tokens with metadata are, which say more of the client: it has been told what.</param>
internal sealed class ChallengeSelector(string proxyAuthority, string issuerHost, bool takesExperimental = false, bool takesMetadata = false)
{
    /// <summary>Null when there is none the relay can answer; greased, malformed and unsupported ones are skipped.</summary>
    public ProxyChallenge? Select(IEnumerable<string> proxyAuthenticate)
    {
        ProxyChallenge? first = null;
        foreach (var offered in PrivateTokenChallenge.ReadAll(proxyAuthenticate))
        {
            if (TokenChallenge.TryRead(offered.Challenge.Span, out var challenge) != TokenChallengeError.None || !challenge!.AllowsOrigin(proxyAuthority)) continue;
            if (!IsTaken(challenge.Type)) continue;
            var candidate = new ProxyChallenge(challenge, offered.TokenKey?.ToArray(), offered.MaxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            if (challenge.IssuerName.Equals(issuerHost, StringComparison.OrdinalIgnoreCase)) return candidate;
            first ??= candidate;
        }

        return first;
    }

    private bool IsTaken(TokenType type) => TokenSizes.HasExtensions(type) ? takesMetadata : takesExperimental || !TokenSizes.IsExperimental(type);
}
