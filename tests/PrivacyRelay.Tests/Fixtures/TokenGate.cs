using System.Collections.Concurrent;
using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyRelay.Tests.Fixtures;

/// <summary>Whom a fake proxy lets in: verifies with real cryptography and spends each token once. Without a mint, everyone.</summary>
internal sealed class TokenGate(TokenMint? mint)
{
    /// <summary>Tokens accepted, by value.</summary>
    public ConcurrentDictionary<string, bool> Spent { get; } = [];

    public string? PresharedKey { get; set; }

    /// <summary>Refuses every token while it is set, with the challenge that stands.</summary>
    public bool RefuseAll { get; set; }

    /// <summary>What a refusal asks for.</summary>
    public string Challenge => mint is null ? "Preshared" : new PrivateTokenChallenge(mint.Challenge.Encoded, mint.Issuer.PublicKey).Write();

    public bool Admits(string? authorization)
    {
        if (PresharedKey is { } key) return authorization == "Preshared " + key;
        if (mint is null) return true;
        if (RefuseAll || authorization is null) return false;
        var bytes = new byte[TokenSizes.LargestToken];
        if (PrivateTokenCredentials.TryRead(authorization, bytes, out var length) != PrivateTokenError.None) return false;
        using var verifier = mint.Issuer.CreateVerifier();
        return TokenView.TryRead(bytes.AsSpan(0, length), out var token)
            && token.ChallengeDigest.SequenceEqual(mint.Challenge.Digest.Span)
            && token.KeyId == verifier.KeyId
            && verifier.Verify(token)
            && Spent.TryAdd(Convert.ToHexString(token.Nonce), true);
    }
}
