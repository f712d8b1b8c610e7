using System.Security.Cryptography;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>What is remembered of a spent token.</summary>
/// <param name="Id">SHA-256 over token type, key id and nonce, 64 hexadecimal digits; never over the authenticator, which a client can vary (RSA-PSS).</param>
/// <param name="KeyId">The issuer key; everything of a key may be forgotten once no offer has it any more.</param>
public readonly record struct SpendableToken(string Id, TokenKeyId KeyId)
{
    /// <summary>The one of a token.</summary>
    public static SpendableToken Of(in TokenView token)
    {
        Span<byte> input = stackalloc byte[2 + TokenKeyId.Size + TokenSizes.Nonce];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        token.Bytes[..2].CopyTo(input);
        token.KeyId.CopyTo(input[2..]);
        token.Nonce.CopyTo(input[(2 + TokenKeyId.Size)..]);
        SHA256.HashData(input, hash);
        return new SpendableToken(Convert.ToHexStringLower(hash), token.KeyId);
    }
}
