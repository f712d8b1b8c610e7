namespace PrivacyPass.AspNetCore.Keys;

/// <summary>What may be told of an issuer's key.</summary>
public sealed class IssuerKeyInfo
{
    internal IssuerKeyInfo(IssuerKey key) =>
        (Type, KeyId, PublicKey, NotBefore, NotAfter) = (key.Type, key.KeyId, key.PublicKey.ToArray(), key.NotBefore, key.NotAfter);

    /// <summary>The type of its tokens.</summary>
    public TokenType Type { get; }

    /// <summary>SHA-256 of the public key.</summary>
    public TokenKeyId KeyId { get; }

    /// <summary>The public key as published.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>From when clients use it.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Until when it issues and verifies.</summary>
    public DateTimeOffset NotAfter { get; }
}
