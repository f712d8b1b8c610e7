using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PrivacyPass;

/// <summary>
/// What an origin asks a token for (RFC 9577, section 2.1): token type, issuer, redemption context and origin info.
/// Tokens are bound to the SHA-256 digest of the exact bytes, so a received challenge is kept as it came.
/// </summary>
public sealed class TokenChallenge
{
    /// <summary>Size of a non-empty redemption context in bytes.</summary>
    public const int RedemptionContextSize = 32;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private TokenChallenge(TokenType type, string issuerName, ReadOnlyMemory<byte> redemptionContext, string originInfo, ReadOnlyMemory<byte> encoded)
    {
        Type = type;
        IssuerName = issuerName;
        RedemptionContext = redemptionContext;
        OriginInfo = originInfo;
        Encoded = encoded;
        Digest = SHA256.HashData(encoded.Span);
    }

    /// <summary>Makes a challenge and its encoding.</summary>
    /// <param name="type">A supported token type.</param>
    /// <param name="issuerName">The issuer's name, 1 to 65535 bytes of UTF-8; taken as it is, with no check of its syntax.</param>
    /// <param name="redemptionContext">0 or 32 bytes.</param>
    /// <param name="originInfo">Comma-separated server names the token is for, 0 to 65535 bytes of UTF-8; empty for any origin.</param>
    /// <exception cref="ArgumentException">A field has a length outside its bounds or is not encodable text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not supported.</exception>
    public TokenChallenge(TokenType type, string issuerName, ReadOnlySpan<byte> redemptionContext, string originInfo)
        : this(type, issuerName, redemptionContext.ToArray(), originInfo, Encode(type, issuerName, redemptionContext, originInfo))
    {
    }

    /// <summary>The type of token that answers this challenge; always a supported one.</summary>
    public TokenType Type { get; }

    /// <summary>The issuer's name, as sent.</summary>
    public string IssuerName { get; }

    /// <summary>Empty, or 32 bytes that bind the token to a context of the origin's choice.</summary>
    public ReadOnlyMemory<byte> RedemptionContext { get; }

    /// <summary>The server names the token is for, separated by commas; empty when any origin may take it.</summary>
    public string OriginInfo { get; }

    /// <summary>The bytes as sent or received.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>SHA-256 of <see cref="Encoded"/>, 32 bytes: the challenge digest of every token that answers it.</summary>
    public ReadOnlyMemory<byte> Digest { get; }

    /// <summary>Reads a challenge. The type is looked at first, since greased challenges have no further structure.</summary>
    /// <returns><see cref="TokenChallengeError.None"/> and the challenge, or the reason and null. Never throws.</returns>
    public static TokenChallengeError TryRead(ReadOnlySpan<byte> bytes, out TokenChallenge? challenge)
    {
        challenge = null;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(bytes, out var type)) return TokenChallengeError.Truncated;
        if (GreasedTokenTypes.IsGreased(type)) return TokenChallengeError.GreasedType;
        if (!TokenSizes.IsSupported((TokenType)type)) return TokenChallengeError.UnsupportedType;

        var rest = bytes[2..];
        if (!TryTakeVector16(ref rest, out var issuerName)) return TokenChallengeError.Truncated;
        if (issuerName.IsEmpty) return TokenChallengeError.EmptyIssuerName;
        if (rest.IsEmpty) return TokenChallengeError.Truncated;
        if (rest[0] is not (0 or RedemptionContextSize)) return TokenChallengeError.BadRedemptionContextLength;
        if (rest.Length - 1 < rest[0]) return TokenChallengeError.Truncated;
        var context = rest.Slice(1, rest[0]);
        rest = rest[(1 + context.Length)..];
        if (!TryTakeVector16(ref rest, out var originInfo)) return TokenChallengeError.Truncated;
        if (!rest.IsEmpty) return TokenChallengeError.TrailingBytes;
        if (!TryGetText(issuerName, out var issuer) || !TryGetText(originInfo, out var origin)) return TokenChallengeError.NotText;

        challenge = new TokenChallenge((TokenType)type, issuer, context.ToArray(), origin, bytes.ToArray());
        return TokenChallengeError.None;
    }

    /// <summary>
    /// True when a token for this challenge may be sent to a server: its name is in the list of <see cref="OriginInfo"/>, or the list is empty
    /// (RFC 9577, section 2.1.3).
    /// </summary>
    /// <param name="serverName">"host" or "host:port"; compared without case, a missing port is 443.</param>
    public bool AllowsOrigin(string serverName)
    {
        ArgumentNullException.ThrowIfNull(serverName);
        if (OriginInfo.Length == 0) return true;
        var wanted = WithoutDefaultPort(serverName);
        if (wanted.IsEmpty) return false;
        var names = OriginInfo.AsSpan();
        foreach (var range in names.Split(','))
        {
            if (WithoutDefaultPort(names[range].Trim(' ')).Equals(wanted, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static ReadOnlySpan<char> WithoutDefaultPort(ReadOnlySpan<char> name) =>
        name.EndsWith(":443", StringComparison.Ordinal) && !IsBareIPv6(name[..^4]) ? name[..^4] : name;

    // "2001:db8::443" without brackets has no port; cutting it would name another host.
    private static bool IsBareIPv6(ReadOnlySpan<char> host) => host.Contains(':') && !host.EndsWith("]", StringComparison.Ordinal);

    private static byte[] Encode(TokenType type, string issuerName, ReadOnlySpan<byte> redemptionContext, string originInfo)
    {
        if (!TokenSizes.IsSupported(type)) throw new ArgumentOutOfRangeException(nameof(type), type, "Token type is not supported.");
        var issuer = EncodeText(issuerName, nameof(issuerName));
        if (issuer.Length == 0) throw new ArgumentException("An issuer name has at least one byte.", nameof(issuerName));
        if (redemptionContext.Length is not (0 or RedemptionContextSize))
            throw new ArgumentException("A redemption context has 0 or 32 bytes.", nameof(redemptionContext));
        var origin = EncodeText(originInfo, nameof(originInfo));

        var encoded = new byte[2 + 2 + issuer.Length + 1 + redemptionContext.Length + 2 + origin.Length];
        var rest = encoded.AsSpan();
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)type);
        rest = WriteVector16(rest[2..], issuer);
        rest[0] = (byte)redemptionContext.Length;
        redemptionContext.CopyTo(rest[1..]);
        WriteVector16(rest[(1 + redemptionContext.Length)..], origin);
        return encoded;
    }

    private static byte[] EncodeText(string text, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        byte[] bytes;
        try
        {
            bytes = _strictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("The text has a lone surrogate.", parameter, e);
        }

        return bytes.Length <= ushort.MaxValue ? bytes : throw new ArgumentException("The text has more than 65535 bytes of UTF-8.", parameter);
    }

    private static bool TryGetText(ReadOnlySpan<byte> bytes, out string text)
    {
        var valid = System.Text.Unicode.Utf8.IsValid(bytes);
        text = valid ? Encoding.UTF8.GetString(bytes) : "";
        return valid;
    }

    private static bool TryTakeVector16(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out var length) || rest.Length - 2 < length) return false;
        value = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return true;
    }

    private static Span<byte> WriteVector16(Span<byte> destination, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)value.Length);
        value.CopyTo(destination[2..]);
        return destination[(2 + value.Length)..];
    }
}
