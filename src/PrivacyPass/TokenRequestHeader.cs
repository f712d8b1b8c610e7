using System.Buffers.Binary;

namespace PrivacyPass;

/// <summary>The first three bytes of every TokenRequest, and what an issuer checks before its cryptography (RFC 9578, sections 5.2 and 6.2).</summary>
internal static class TokenRequestHeader
{
    /// <summary>token_type (2 bytes) and truncated_token_key_id (1 byte), before the blinded message.</summary>
    internal const int Size = 3;

    /// <exception cref="TokenIssuanceException">Wrong type, key or size.</exception>
    internal static void ThrowIfNotFor(ITokenIssuer issuer, ReadOnlySpan<byte> request)
    {
        if (request.Length < Size || BinaryPrimitives.ReadUInt16BigEndian(request) != (ushort)issuer.Type)
            throw new TokenIssuanceException("The token request is of another token type.");
        if (request[2] != issuer.KeyId.Truncated)
            throw new TokenIssuanceException("The token request is for another key.");
        var expected = TokenSizes.TokenRequest(issuer.Type);
        if (request.Length != expected)
            throw new TokenIssuanceException($"The token request has {request.Length} bytes, not {expected}.");
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
