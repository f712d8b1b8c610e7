using System.Security.Cryptography;

namespace PrivacyPass.SpentTokens;

/// <summary>What a store remembers of a token: SHA-256 over type, key id and nonce; never the authenticator, which a client can vary (RSA-PSS).</summary>
/// <param name="Key">The 32-byte hash.</param>
/// <param name="Partition">The issuer key; everything of a partition may be forgotten once the key has expired.</param>
/// <param name="Expires">When the issuer key expires, Unix seconds: until then the token must be remembered.</param>
public readonly record struct SpentToken(SpentTokenKey Key, TokenKeyId Partition, long Expires)
{
    /// <summary>Records what a store does about it, while the request waits; null when nothing does. No part of what is remembered.</summary>
    internal CheckTrace? Trace { get; init; }

    /// <summary>What is remembered of a token whose key is accepted until <paramref name="expires"/>, Unix seconds.</summary>
    public static SpentToken Of(in TokenView token, long expires)
    {
        Span<byte> input = stackalloc byte[2 + TokenKeyId.Size + TokenSizes.Nonce];
        token.Bytes[..2].CopyTo(input);
        token.KeyId.CopyTo(input[2..]);
        token.Nonce.CopyTo(input[(2 + TokenKeyId.Size)..]);
        Span<byte> hash = stackalloc byte[SpentTokenKey.Size];
        SHA256.HashData(input, hash);
        return new SpentToken(new SpentTokenKey(hash), token.KeyId, expires);
    }
}
