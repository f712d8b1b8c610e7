namespace PrivacyPass.Issuance;

/// <summary>One public key of an issuer directory (RFC 9578, section 4). Equal when all members are, the key byte for byte.</summary>
public sealed record IssuerDirectoryKey
{
    /// <summary>Makes an entry.</summary>
    /// <param name="tokenType">The token type as on the wire; need not be a supported one.</param>
    /// <param name="tokenKey">The public key's exact encoding.</param>
    /// <param name="notBefore">From when clients may use the key; null for always. In whole seconds, the rest is cut off.</param>
    /// <param name="notAfter">Until when verifiers take tokens of the key; null when not said. In whole seconds, the rest is cut off.</param>
    public IssuerDirectoryKey(ushort tokenType, ReadOnlyMemory<byte> tokenKey, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        TokenType = tokenType;
        TokenKey = tokenKey;
        NotBefore = WholeSeconds(notBefore);
        NotAfter = WholeSeconds(notAfter);
        KeyId = TokenKeyId.Of(tokenKey.Span);
    }

    /// <summary>The token type as on the wire; may be one this library does not support.</summary>
    public ushort TokenType { get; }

    /// <summary>The public key's exact encoding: 49 bytes for type 1, 342 for types 2 and 0xDA7A, 32 for type 5; not checked here.</summary>
    public ReadOnlyMemory<byte> TokenKey { get; }

    /// <summary>From when clients may use the key; null for always.</summary>
    public DateTimeOffset? NotBefore { get; }

    /// <summary>
    /// Until when verifiers take tokens of the key; null when the issuer does not say. Not in RFC 9578: our own member
    /// <c>not-after</c> (Unix seconds), which other readers ignore.
    /// </summary>
    public DateTimeOffset? NotAfter { get; }

    /// <summary>SHA-256 of <see cref="TokenKey"/>.</summary>
    public TokenKeyId KeyId { get; }

    /// <summary>True when clients may use the key at a time: not before <see cref="NotBefore"/>, and before <see cref="NotAfter"/>.</summary>
    public bool IsUsableAt(DateTimeOffset time) => !(NotBefore > time) && !(NotAfter <= time);

    /// <inheritdoc/>
    public bool Equals(IssuerDirectoryKey? other) =>
        other is not null && TokenType == other.TokenType && NotBefore == other.NotBefore && NotAfter == other.NotAfter
        && TokenKey.Span.SequenceEqual(other.TokenKey.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(TokenType, KeyId, NotBefore, NotAfter);

    private static DateTimeOffset? WholeSeconds(DateTimeOffset? time) =>
        time is { } value ? DateTimeOffset.FromUnixTimeSeconds(value.ToUnixTimeSeconds()) : null;
}
