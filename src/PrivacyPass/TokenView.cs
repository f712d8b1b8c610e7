using System.Buffers.Binary;

namespace PrivacyPass;

/// <summary>A token read in place, without allocation (RFC 9577, section 2.2). Valid as long as the bytes under it.</summary>
public readonly ref struct TokenView
{
    private TokenView(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> extensions = default)
    {
        Bytes = bytes;
        Extensions = extensions;
    }

    /// <summary>The whole token: 146 bytes for type 1, 354 for types 2 and 0xDA7A, 162 for type 5.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The encoded extensions that came with the token (see <see cref="TokenExtensions"/>), exactly as sent; empty without. Only types that have some are bound to them.</summary>
    public ReadOnlySpan<byte> Extensions { get; }

    /// <summary>The token type, always a supported one.</summary>
    public TokenType Type => (TokenType)BinaryPrimitives.ReadUInt16BigEndian(Bytes);

    /// <summary>The client's random nonce, 32 bytes.</summary>
    public ReadOnlySpan<byte> Nonce => Bytes.Slice(2, 32);

    /// <summary>SHA-256 of the challenge the token answers, 32 bytes.</summary>
    public ReadOnlySpan<byte> ChallengeDigest => Bytes.Slice(34, 32);

    /// <summary>The id of the issuer key.</summary>
    public TokenKeyId KeyId => new(Bytes.Slice(66, 32));

    /// <summary>What the authenticator covers, 98 bytes.</summary>
    public ReadOnlySpan<byte> AuthenticatorInput => Bytes[..TokenSizes.AuthenticatorInput];

    /// <summary>The signature or PRF output: 48 bytes for type 1, 256 for types 2 and 0xDA7A, 64 for type 5.</summary>
    public ReadOnlySpan<byte> Authenticator => Bytes[TokenSizes.AuthenticatorInput..];

    /// <summary>The same token with extensions.</summary>
    public TokenView WithExtensions(ReadOnlySpan<byte> extensions) => new(Bytes, extensions);

    /// <summary>Reads a token; false when the type is not supported or the length is not exactly that of the type.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TokenView token) => Read(bytes, out token) == TokenReadError.None;

    /// <summary>Reads a token and says why it cannot be one. The type is looked at before the length.</summary>
    public static TokenReadError Read(ReadOnlySpan<byte> bytes, out TokenView token)
    {
        token = default;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(bytes, out var value)) return TokenReadError.WrongLength;
        var type = (TokenType)value;
        if (!TokenSizes.IsSupported(type))
            return GreasedTokenTypes.IsGreased(value) ? TokenReadError.GreasedType : TokenReadError.UnsupportedType;
        if (bytes.Length != TokenSizes.Token(type)) return TokenReadError.WrongLength;
        token = new TokenView(bytes);
        return TokenReadError.None;
    }
}
