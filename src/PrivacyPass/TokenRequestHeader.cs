using System.Buffers.Binary;
using PrivacyPass.Issuance;

namespace PrivacyPass;

/// <summary>What comes before the blinded message of a TokenRequest: token_type (2 bytes), truncated_token_key_id (1 byte).</summary>
internal static class TokenRequestHeader
{
    private const int Size = 3;

    /// <summary>The blinded message of a request, after what an issuer checks before its cryptography (RFC 9578, sections 5.2 and 6.2).</summary>
    /// <exception cref="TokenIssuanceException">Wrong type, size or key.</exception>
    internal static ReadOnlySpan<byte> BlindedMessageFor(ITokenIssuer issuer, ReadOnlySpan<byte> bytes)
    {
        if (!TokenRequestView.TryRead(bytes, out var request) || request.Type != issuer.Type)
            throw new TokenIssuanceException($"This is not a token request of token type {(ushort)issuer.Type}.");
        if (request.TruncatedKeyId != issuer.KeyId.Truncated)
            throw new TokenIssuanceException("The token request is for another key.");
        return request.BlindedMessage;
    }

    /// <summary>Writes a request of a type, for a key, with a blinded message.</summary>
    internal static byte[] Write(TokenType type, TokenKeyId keyId, ReadOnlySpan<byte> blindedMessage)
    {
        var request = new byte[Size + blindedMessage.Length];
        BinaryPrimitives.WriteUInt16BigEndian(request, (ushort)type);
        request[2] = keyId.Truncated;
        blindedMessage.CopyTo(request.AsSpan(Size));
        return request;
    }
}
