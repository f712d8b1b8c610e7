namespace PrivacyPass.AspNetCore.Keys;

/// <summary>The keys of one moment, immutable; replaced whole by a rotation.</summary>
internal sealed class IssuerKeySet
{
    private readonly Dictionary<(TokenType Type, byte Truncated), IssuerKey> _byTruncatedId = [];

    /// <param name="keys">The live keys; no two of a type share a truncated id.</param>
    /// <param name="types">The types in order of preference.</param>
    /// <param name="now">The moment that orders them.</param>
    public IssuerKeySet(IEnumerable<IssuerKey> keys, IReadOnlyList<TokenType> types, DateTimeOffset now)
    {
        // Clients take the first key whose not-before has passed, careless ones the first of all:
        // so the newest in use comes first, then older ones, then those not yet in use.
        Keys =
        [
            .. keys.OrderBy(key => IndexOf(types, key.Type))
                .ThenBy(key => key.NotBefore > now)
                .ThenByDescending(key => key.NotBefore)
                .ThenBy(key => key.KeyId.ToString(), StringComparer.Ordinal),
        ];
        foreach (var key in Keys) _byTruncatedId.TryAdd((key.Type, key.KeyId.Truncated), key);
    }

    public IReadOnlyList<IssuerKey> Keys { get; }

    public IssuerKey? Find(TokenType type, byte truncatedKeyId) => _byTruncatedId.GetValueOrDefault((type, truncatedKeyId));

    public bool Collides(TokenKeyId keyId, TokenType type) => _byTruncatedId.ContainsKey((type, keyId.Truncated));

    private static int IndexOf(IReadOnlyList<TokenType> types, TokenType type)
    {
        for (var i = 0; i < types.Count; i++)
            if (types[i] == type) return i;
        return types.Count;
    }
}
