using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PrivacyPass;

/// <summary>Builds what an authenticator covers (RFC 9577, section 2.2): token type, nonce, challenge digest, key id.</summary>
internal static class AuthenticatorInput
{
    /// <summary>The 98 bytes for a challenge, with its SHA-256 digest.</summary>
    internal static byte[] Create(TokenType type, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> challenge, TokenKeyId keyId)
    {
        var input = new byte[TokenSizes.AuthenticatorInput];
        BinaryPrimitives.WriteUInt16BigEndian(input, (ushort)type);
        nonce.CopyTo(input.AsSpan(2, TokenSizes.Nonce));
        SHA256.HashData(challenge, input.AsSpan(2 + TokenSizes.Nonce));
        keyId.CopyTo(input.AsSpan(2 + TokenSizes.Nonce + TokenSizes.ChallengeDigest));
        return input;
    }
}
