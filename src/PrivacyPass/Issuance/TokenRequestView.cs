using System.Buffers.Binary;

namespace PrivacyPass.Issuance;

/// <summary>A TokenRequest read in place (RFC 9578, sections 5.1 and 6.1), with its extensions where the type has them, so that an issuer can choose the key. Valid as long as the bytes under it.</summary>
public readonly ref struct TokenRequestView
{
    private const int HeaderSize = 3;

    private TokenRequestView(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    /// <summary>The whole request: 52 bytes for type 1, 259 for type 2, 35 for type 5, 261 and more for type 0xDA7A.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The token type, always a supported one.</summary>
    public TokenType Type => (TokenType)BinaryPrimitives.ReadUInt16BigEndian(Bytes);

    /// <summary>The last byte of the id of the key to sign with.</summary>
    public byte TruncatedKeyId => Bytes[2];

    /// <summary>The blinded message: 49 bytes for type 1, 256 for types 2 and 0xDA7A, 32 for type 5.</summary>
    public ReadOnlySpan<byte> BlindedMessage => Bytes[HeaderSize..TokenSizes.TokenRequest(Type)];

    /// <summary>The encoded extensions of a type that has them (see <see cref="TokenExtensions"/>), as sent; otherwise empty.</summary>
    public ReadOnlySpan<byte> Extensions => Bytes[TokenSizes.TokenRequest(Type)..];

    /// <summary>Reads a request; false (HTTP 422) when the type is not supported or the length is not exactly that of the type.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TokenRequestView request) =>
        TryReadFirst(bytes, out request) && request.Bytes.Length == bytes.Length;

    /// <summary>Reads the request at the front of bytes, which may go on after it.</summary>
    internal static bool TryReadFirst(ReadOnlySpan<byte> bytes, out TokenRequestView request)
    {
        request = default;
        if (bytes.Length < HeaderSize) return false;
        var type = (TokenType)BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (!TokenSizes.IsSupported(type)) return false;
        var size = TokenSizes.TokenRequest(type);
        if (TokenSizes.HasExtensions(type))
        {
            if (bytes.Length < size + 2) return false;
            size += 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[size..]);
        }

        if (bytes.Length < size) return false;
        request = new TokenRequestView(bytes[..size]);
        return true;
    }
}
