using System.Buffers;
using System.Buffers.Text;

namespace PrivacyPass.Http;

/// <summary>
/// Base64url as Privacy Pass uses it (RFC 4648, section 5; RFC 9577, sections 2.1.2 and 2.2.2): written with padding,
/// read with or without, and only in the one canonical form of the bytes.
/// </summary>
public static class PaddedBase64Url
{
    /// <summary>Encodes with padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var padding = (3 - bytes.Length % 3) % 3;
        var unpadded = Base64Url.GetEncodedLength(bytes.Length);
        return string.Create(unpadded + padding, bytes, static (text, source) =>
        {
            Base64Url.EncodeToChars(source, text);
            text[Base64Url.GetEncodedLength(source.Length)..].Fill('=');
        });
    }

    /// <summary>Size in bytes of the decoded text, padded or not.</summary>
    public static int GetDecodedLength(ReadOnlySpan<char> text) => UnpaddedBytes(WithoutPadding(text).Length);

    /// <summary>Decodes without allocation; refuses other alphabets, white space, misplaced padding and non-zero trailing bits.</summary>
    /// <param name="text">The text, padded or not.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="length">The number of bytes written; 0 on an error.</param>
    public static Base64UrlError Decode(ReadOnlySpan<char> text, Span<byte> destination, out int length)
    {
        length = 0;
        var unpadded = WithoutPadding(text);
        var isPadded = unpadded.Length != text.Length;
        if (unpadded.Length % 4 == 1 || (isPadded && text.Length % 4 != 0)) return Base64UrlError.NotBase64Url;
        var size = UnpaddedBytes(unpadded.Length);
        if (size > destination.Length) return Base64UrlError.TooLong;
        // The decoder of .NET skips white space and takes '%' as padding: then it writes fewer bytes than the length asks for.
        var status = Base64Url.DecodeFromChars(unpadded, destination, out _, out var written);
        if (HasTrailingBits(unpadded)) return Base64UrlError.NonCanonical;
        if (status != OperationStatus.Done || written != size) return Base64UrlError.NotBase64Url;
        length = written;
        return Base64UrlError.None;
    }

    /// <summary>Decodes into a new array.</summary>
    /// <returns>The bytes, or null with the reason in <paramref name="error"/>.</returns>
    public static byte[]? Decode(ReadOnlySpan<char> text, out Base64UrlError error)
    {
        var bytes = new byte[GetDecodedLength(text)];
        error = Decode(text, bytes, out _);
        return error == Base64UrlError.None ? bytes : null;
    }

    private static int UnpaddedBytes(int length) => (int)((long)length * 3 / 4);

    private static ReadOnlySpan<char> WithoutPadding(ReadOnlySpan<char> text)
    {
        if (text.EndsWith("==", StringComparison.Ordinal)) return text[..^2];
        return text.EndsWith("=", StringComparison.Ordinal) ? text[..^1] : text;
    }

    // Two characters over carry 4 bits that must be zero, three carry 2.
    private static bool HasTrailingBits(ReadOnlySpan<char> unpadded) => (unpadded.Length % 4) switch
    {
        2 => (ValueOf(unpadded[^1]) & 0b1111) != 0,
        3 => (ValueOf(unpadded[^1]) & 0b0011) != 0,
        _ => false,
    };

    private static int ValueOf(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '-' => 62,
        '_' => 63,
        _ => 0, // not of the alphabet: reported as such by the decoder
    };
}
