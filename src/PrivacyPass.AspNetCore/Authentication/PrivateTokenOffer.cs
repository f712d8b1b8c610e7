namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>A challenge the origin sends, and the keys whose tokens answer it.</summary>
public sealed class PrivateTokenOffer
{
    /// <summary>Makes an offer.</summary>
    /// <param name="challenge">The challenge. With a redemption context it is for one request or time window: then assign new offers in time.</param>
    /// <param name="verifiers">The issuer's keys, the one clients are to use first; not disposed with the offer.</param>
    /// <param name="maxAge">For how many seconds clients may answer the challenge, or null.</param>
    /// <exception cref="ArgumentException">There is no verifier, or one of another token type.</exception>
    public PrivateTokenOffer(TokenChallenge challenge, IReadOnlyList<ITokenVerifier> verifiers, int? maxAge = null)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        ArgumentNullException.ThrowIfNull(verifiers);
        if (verifiers.Count == 0) throw new ArgumentException("An offer needs at least one key.", nameof(verifiers));
        if (verifiers.Any(verifier => verifier.Type != challenge.Type)) throw new ArgumentException("The keys must be of the challenge's token type.", nameof(verifiers));
        Challenge = challenge;
        Verifiers = verifiers;
        HeaderValue = new Http.PrivateTokenChallenge(challenge.Encoded, verifiers[0].PublicKey, maxAge).Write();
    }

    /// <summary>The challenge.</summary>
    public TokenChallenge Challenge { get; }

    /// <summary>The keys, the preferred one first.</summary>
    public IReadOnlyList<ITokenVerifier> Verifiers { get; }

    internal string HeaderValue { get; }

    internal bool IsAnsweredBy(in TokenView token) =>
        token.Type == Challenge.Type && token.ChallengeDigest.SequenceEqual(Challenge.Digest.Span);

    internal ITokenVerifier? Find(TokenKeyId keyId)
    {
        foreach (var verifier in Verifiers)
            if (verifier.KeyId == keyId) return verifier;
        return null;
    }
}
