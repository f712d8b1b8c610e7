using System.Collections.Frozen;
using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyProxy.Redemption.Keys;

/// <summary>The keys and challenges of one moment: immutable, swapped as a whole, read without a lock.</summary>
internal sealed class KeySnapshot
{
    private readonly FrozenDictionary<TokenKeyId, AcceptedKey> _keys;
    private readonly OfferedChallenge[] _challenges;

    /// <param name="issuers">Each issuer with its keys in order of preference.</param>
    /// <param name="originInfo">The origin_info of the challenges.</param>
    /// <param name="now">Chooses the key that challenges carry.</param>
    public KeySnapshot(IReadOnlyList<(IssuerOptions Options, IReadOnlyList<AcceptedKey> Keys)> issuers, string originInfo, DateTimeOffset now)
    {
        var byId = new Dictionary<TokenKeyId, AcceptedKey>();
        var challenges = new List<OfferedChallenge>();
        foreach (var (options, keys) in issuers)
        {
            foreach (var key in keys) byId.TryAdd(key.KeyId, key);
            // Preference between types is the issuer's: the type of its first key comes first.
            foreach (var type in keys.Select(static key => key.Type).Distinct())
            {
                var offered = keys.FirstOrDefault(key => key.Type == type && key.IsOfferedAt(now));
                challenges.Add(new OfferedChallenge(new TokenChallenge(type, options.Name, [], originInfo), offered));
            }
        }
        _keys = byId.ToFrozenDictionary();
        _challenges = [.. challenges];
        ChallengeFields = [.. challenges.Where(static challenge => challenge.Field is not null).Select(static challenge => challenge.Field!)];
        Ends = [.. issuers.Select(static issuer => (issuer.Options.Name, issuer.Keys.Select(static key => key.NotAfter).DefaultIfEmpty(DateTimeOffset.MinValue).Max()))];
        Pending = [.. issuers.Where(issuer => !issuer.Keys.Any(key => key.IsAcceptedAt(now))).Select(static issuer => issuer.Options.Name)];
    }

    public static KeySnapshot Empty { get; } = new([], "", DateTimeOffset.MinValue);

    /// <summary>The values of the challenge fields, one for each issuer and token type that has a key in use.</summary>
    public IReadOnlyList<string> ChallengeFields { get; }

    /// <summary>Until when each issuer has a key that is accepted: the maximum when that has no end, the minimum without a key.</summary>
    public IReadOnlyList<(string Issuer, DateTimeOffset End)> Ends { get; }

    /// <summary>The issuers without any key that is accepted.</summary>
    public IReadOnlyList<string> Pending { get; }

    public AcceptedKey? Find(TokenKeyId keyId) => _keys.GetValueOrDefault(keyId);

    /// <summary>True when some issuer's tokens of the type are taken.</summary>
    public bool Offers(TokenType type)
    {
        foreach (var challenge in _challenges)
            if (challenge.Challenge.Type == type) return true;
        return false;
    }

    /// <summary>The issuer whose challenge of the token's type has the digest; null when the proxy made no such challenge.</summary>
    public string? FindIssuer(in TokenView token)
    {
        // A handful of challenges: comparing is quicker than hashing. Digests are public, so no constant time is needed.
        foreach (var challenge in _challenges)
            if (challenge.Challenge.Type == token.Type && token.ChallengeDigest.SequenceEqual(challenge.Challenge.Digest.Span)) return challenge.Challenge.IssuerName;
        return null;
    }

    private sealed class OfferedChallenge(TokenChallenge challenge, AcceptedKey? key)
    {
        public TokenChallenge Challenge { get; } = challenge;

        public string? Field { get; } = key is null ? null : new PrivateTokenChallenge(challenge.Encoded, key.Verifier.PublicKey).Write();
    }
}
