using System.Buffers.Binary;

namespace PrivacyPass.Issuance;

/// <summary>
/// An AmortizedBatchTokenRequest read in place (draft-ietf-privacypass-batched-tokens, section 5.1), so that an issuer can choose the
/// key and bound the number of tokens. Valid as long as the bytes under it.
/// </summary>
public readonly ref struct AmortizedBatchRequestView
{
    private const int HeaderSize = 3;

    private AmortizedBatchRequestView(TokenType type, byte truncatedKeyId, ReadOnlySpan<byte> blindedElements)
    {
        Type = type;
        TruncatedKeyId = truncatedKeyId;
        BlindedElements = blindedElements;
    }

    /// <summary>The token type, always 1 or 5.</summary>
    public TokenType Type { get; }

    /// <summary>The last byte of the id of the key to sign with.</summary>
    public byte TruncatedKeyId { get; }

    /// <summary>The blinded elements, one after the other: 49 bytes each for type 1, 32 for type 5.</summary>
    public ReadOnlySpan<byte> BlindedElements { get; }

    /// <summary>How many tokens it asks for; at least one.</summary>
    public int Count => BlindedElements.Length / TokenSizes.BlindedMessage(Type);

    /// <summary>
    /// Reads a request; false (HTTP 422) when its type cannot be amortized, the list of elements is empty, does not hold whole ones, says
    /// its length in more bytes than it needs, or has anything after it.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AmortizedBatchRequestView request)
    {
        request = default;
        if (bytes.Length < HeaderSize) return false;
        var type = (TokenType)BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (!TokenSizes.CanAmortize(type) || !BatchVector.TryRead(bytes[HeaderSize..], out var elements, out var rest) || !rest.IsEmpty) return false;
        var (count, remainder) = Math.DivRem(elements.Length, TokenSizes.BlindedMessage(type));
        if (remainder != 0 || count is < 1 or > PendingTokenBatch.MostTokens) return false;
        request = new AmortizedBatchRequestView(type, bytes[2], elements);
        return true;
    }

    /// <summary>Writes a request of a type, for a key, with blinded elements.</summary>
    internal static byte[] Write(TokenType type, TokenKeyId keyId, ReadOnlySpan<byte> blindedElements)
    {
        var vector = BatchVector.Prefixed(blindedElements, blindedElements.Length);
        return TokenRequestHeader.Write(type, keyId, vector);
    }
}
