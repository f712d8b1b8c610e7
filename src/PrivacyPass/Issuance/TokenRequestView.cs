using System.Buffers.Binary;

namespace PrivacyPass.Issuance;

/// <summary>A TokenRequest read in place (RFC 9578, sections 5.1 and 6.1), so that an issuer can choose the key. Valid as long as the bytes under it.</summary>
public readonly ref struct TokenRequestView
{
    private const int HeaderSize = 3;

    private TokenRequestView(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    /// <summary>The whole request: 52 bytes for type 1, 259 for type 2.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The token type, always a supported one.</summary>
    public TokenType Type => (TokenType)BinaryPrimitives.ReadUInt16BigEndian(Bytes);

    /// <summary>The last byte of the id of the key to sign with.</summary>
    public byte TruncatedKeyId => Bytes[2];

    /// <summary>The blinded message: 49 bytes for type 1, 256 for type 2.</summary>
    public ReadOnlySpan<byte> BlindedMessage => Bytes[HeaderSize..];

    /// <summary>Reads a request; false (HTTP 422) when the type is not supported or the length is not exactly that of the type.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TokenRequestView request)
    {
        request = default;
        if (bytes.Length < HeaderSize) return false;
        var type = (TokenType)BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (!TokenSizes.IsSupported(type) || bytes.Length != TokenSizes.TokenRequest(type)) return false;
        request = new TokenRequestView(bytes);
        return true;
    }
}
