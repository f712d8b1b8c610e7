using PrivacyPass;

namespace PrivacyRelay.Wallet;

/// <summary>A challenge a proxy made: what its tokens must answer, and with which key.</summary>
/// <param name="Challenge">The TokenChallenge exactly as received; its digest goes into the tokens.</param>
/// <param name="TokenKey">The issuer key exactly as received; null when the client is to find it in the directory.</param>
/// <param name="MaxAge">How long the proxy takes tokens for it; null when it does not say.</param>
internal sealed record ProxyChallenge(TokenChallenge Challenge, byte[]? TokenKey, TimeSpan? MaxAge)
{
    /// <summary>What tokens of this challenge are kept under: a token answers one challenge with one key.</summary>
    public ChallengeKey Key { get; } =
        new(Convert.ToHexStringLower(Challenge.Digest.Span), TokenKey is null ? null : TokenKeyId.Of(TokenKey));

    /// <summary>Challenges may be per client: not for logs.</summary>
    public override string ToString() => nameof(ProxyChallenge);
}
