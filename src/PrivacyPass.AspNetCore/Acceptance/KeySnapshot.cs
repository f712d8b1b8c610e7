using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using PrivacyPass.Http;

namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>The keys and challenges of one moment: immutable, swapped as a whole, read without a lock.</summary>
internal sealed class KeySnapshot
{
    private readonly FrozenDictionary<TokenKeyId, AcceptedKey> _keys;
    private readonly OfferedChallenge[] _challenges;
    private readonly string? _grease;

    /// <param name="issuers">Each issuer with its keys, both in order of preference.</param>
    /// <param name="settings">What challenges say.</param>
    /// <param name="now">Chooses the keys that challenges carry, and the windows.</param>
    public KeySnapshot(IReadOnlyList<(IIssuerSettings Options, IReadOnlyList<AcceptedKey> Keys)> issuers, ChallengeSettings settings, DateTimeOffset now)
    {
        var byId = new Dictionary<TokenKeyId, AcceptedKey>();
        var challenges = new List<OfferedChallenge>();
        var contexts = settings.Contexts?.AcceptedAt(now) ?? [[]];
        int? maxAge = settings.Contexts is null ? null : (int)settings.Contexts.Window.TotalSeconds;
        foreach (var (options, keys) in issuers)
        {
            foreach (var key in keys) byId.TryAdd(key.KeyId, key);
            // Preference between types is the issuer's: the type of its first key comes first.
            foreach (var type in keys.Select(static key => key.Type).Distinct())
            {
                var offered = keys.FirstOrDefault(key => key.Type == type && key.IsOfferedAt(now));
                // Those of other windows are accepted, not offered.
                foreach (var context in contexts)
                    challenges.Add(new OfferedChallenge(new TokenChallenge(type, options.Name, context, settings.OriginInfo), ReferenceEquals(context, contexts[0]) ? offered : null, maxAge));
            }
        }
        _keys = byId.ToFrozenDictionary();
        _challenges = [.. challenges];
        _grease = settings.Grease ? Grease() : null;
        ChallengeFields = FieldsFor(static (_, _) => true);
        Ends = [.. issuers.Select(static issuer => (issuer.Options.Name, issuer.Keys.Select(static key => key.NotAfter).DefaultIfEmpty(DateTimeOffset.MinValue).Max()))];
        Pending = [.. issuers.Where(issuer => !issuer.Keys.Any(key => key.IsAcceptedAt(now))).Select(static issuer => issuer.Options.Name)];
    }

    public static KeySnapshot Empty { get; } = new([], new ChallengeSettings(""), DateTimeOffset.MinValue);

    /// <summary>The values of the challenge fields, one for each issuer and token type that has a key in use.</summary>
    public IReadOnlyList<string> ChallengeFields { get; }

    /// <summary>Until when each issuer has a key that is accepted: the maximum when that has no end, the minimum without a key.</summary>
    public IReadOnlyList<(string Issuer, DateTimeOffset End)> Ends { get; }

    /// <summary>The issuers without any key that is accepted.</summary>
    public IReadOnlyList<string> Pending { get; }

    public AcceptedKey? Find(TokenKeyId keyId) => _keys.GetValueOrDefault(keyId);

    /// <summary>The challenge fields of some issuers and types.</summary>
    public IReadOnlyList<string> FieldsFor(Func<string, TokenType, bool> wanted)
    {
        List<string> fields = [.. _challenges.Where(one => one.Field is not null && wanted(one.Challenge.IssuerName, one.Challenge.Type)).Select(static one => one.Field!)];
        // Behind the preferred one: who takes the first it can answer is not led astray.
        if (_grease is not null && fields.Count > 0) fields.Insert(1, _grease);
        return fields;
    }

    /// <summary>What is known of a token, in an order that sheds bad ones soon. Needs neither I/O nor a signature check.</summary>
    public TokenStanding Examine(in TokenView token, DateTimeOffset now, out AcceptedKey? key)
    {
        key = Find(token.KeyId);
        // While an issuer's keys are missing, a token that nothing known fits may be good.
        if (key is null && Pending.Count > 0) return TokenStanding.NotReady;
        if (!Offers(token.Type)) return TokenStanding.UnsupportedType;
        if (FindIssuer(token) is not { } issuer) return TokenStanding.WrongChallenge;
        if (key is null || key.Type != token.Type || !key.IsAcceptedAt(now)) return TokenStanding.UnknownKey;
        // A key is trusted for its own issuer only.
        return string.Equals(key.Issuer, issuer, StringComparison.Ordinal) ? TokenStanding.Known : TokenStanding.WrongChallenge;
    }

    /// <summary>True when some issuer's tokens of the type are taken.</summary>
    public bool Offers(TokenType type)
    {
        foreach (var challenge in _challenges)
            if (challenge.Challenge.Type == type) return true;
        return false;
    }

    /// <summary>The issuer whose challenge of the token's type has the digest; null when no such challenge was made.</summary>
    private string? FindIssuer(in TokenView token)
    {
        // A handful of challenges: comparing is quicker than hashing. Digests are public, so no constant time is needed.
        foreach (var challenge in _challenges)
            if (challenge.Challenge.Type == token.Type && token.ChallengeDigest.SequenceEqual(challenge.Challenge.Digest.Span)) return challenge.Challenge.IssuerName;
        return null;
    }

    /// <summary>A reserved type with random bytes behind it.</summary>
    private static string Grease()
    {
        var bytes = RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(16, 80));
        var types = GreasedTokenTypes.All;
        BinaryPrimitives.WriteUInt16BigEndian(bytes, types[RandomNumberGenerator.GetInt32(types.Count)]);
        return new PrivateTokenChallenge(bytes).Write();
    }

    private sealed class OfferedChallenge(TokenChallenge challenge, AcceptedKey? key, int? maxAge)
    {
        public TokenChallenge Challenge { get; } = challenge;

        public string? Field { get; } = key is null ? null : new PrivateTokenChallenge(challenge.Encoded, key.Verifier.PublicKey, maxAge).Write();
    }
}
