using System.Runtime.CompilerServices;

namespace PrivacyPass.Http;

/// <summary>
/// The value of an Authorization or Proxy-Authorization field that carries a token (RFC 9577, section 2.2.2):
/// written strictly, read liberally, without allocation.
/// </summary>
public static class PrivateTokenCredentials
{
    private const string ExtensionsName = "extensions";
    private const string Prefix = PrivateTokenScheme.Name + " " + PrivateTokenScheme.Token + "=\"";

    // 354 bytes are 472 characters; a longer token can be refused by its length alone.
    private const int LongestEncodedToken = (TokenSizes.LargestToken + 2) / 3 * 4;

    /// <summary>True when the scheme of a field value is PrivateToken, in any case.</summary>
    public static bool IsPrivateToken(ReadOnlySpan<char> headerValue)
    {
        var value = headerValue.TrimStart(" \t");
        return value.StartsWith(PrivateTokenScheme.Name, StringComparison.OrdinalIgnoreCase)
            && (value.Length == PrivateTokenScheme.Name.Length || value[PrivateTokenScheme.Name.Length] is ' ' or '\t');
    }

    /// <summary>
    /// Reads the token of a field value. Takes quoted and unquoted, padded and unpadded values and white space around '=';
    /// ignores every parameter but <c>token</c>. Never throws for what the value holds.
    /// </summary>
    /// <param name="headerValue">The field value, scheme included.</param>
    /// <param name="token">Receives the token; at least <see cref="TokenSizes.LargestToken"/> bytes. Undefined on an error.</param>
    /// <param name="length">The size of the token in bytes, exactly that of its type; 0 on an error.</param>
    /// <param name="options">How strictly to read.</param>
    /// <exception cref="ArgumentException"><paramref name="token"/> is shorter than 354 bytes.</exception>
    public static PrivateTokenError TryRead(ReadOnlySpan<char> headerValue, Span<byte> token, out int length, PrivateTokenReadOptions options = default)
    {
        if (token.Length < TokenSizes.LargestToken) throw new ArgumentException("A token needs up to 354 bytes.", nameof(token));
        length = 0;
        if (!IsPrivateToken(headerValue)) return PrivateTokenError.OtherScheme;
        var error = Find(headerValue, PrivateTokenScheme.Token, options, out var parameter);
        if (error != PrivateTokenError.None) return error;

        error = parameter.HasEscapes ? DecodeEscaped(parameter, token, out var size) : Decode(parameter.Value, token, out size);
        if (error == PrivateTokenError.None) length = size;
        return error;
    }

    /// <summary>
    /// Reads the extensions of a field value (draft-ietf-privacypass-auth-scheme-extensions), as liberally as its token. Only their encoding
    /// is looked at: <see cref="TokenExtensions.TryRead"/> reads what they say.
    /// </summary>
    /// <param name="headerValue">The field value, scheme included.</param>
    /// <param name="extensions">Receives the encoded extensions; at least <see cref="TokenExtensions.LargestRead"/> bytes. Undefined on an error.</param>
    /// <param name="length">Their size in bytes; 0 where there are none, and on an error.</param>
    /// <param name="options">How strictly to read.</param>
    /// <returns><see cref="PrivateTokenError.None"/> also where there are none.</returns>
    /// <exception cref="ArgumentException"><paramref name="extensions"/> is shorter than 1024 bytes.</exception>
    public static PrivateTokenError TryReadExtensions(ReadOnlySpan<char> headerValue, Span<byte> extensions, out int length, PrivateTokenReadOptions options = default)
    {
        if (extensions.Length < TokenExtensions.LargestRead) throw new ArgumentException("Extensions need up to 1024 bytes.", nameof(extensions));
        length = 0;
        if (!IsPrivateToken(headerValue)) return PrivateTokenError.OtherScheme;
        var error = Find(headerValue, ExtensionsName, options, out var parameter);
        if (error == PrivateTokenError.NoToken) return PrivateTokenError.None;
        if (error != PrivateTokenError.None) return error;
        // No client escapes what is base64url; a backslash is refused as it stands.
        var decoding = PaddedBase64Url.Decode(parameter.Value, extensions[..TokenExtensions.LargestRead], out var decoded);
        if (decoding != Base64UrlError.None) return OfBase64Url(decoding);
        length = decoded;
        return PrivateTokenError.None;
    }

    /// <summary>Writes a field value for a token with its extensions: both quoted and padded.</summary>
    /// <param name="token">The token's bytes.</param>
    /// <param name="extensions">What the token was asked for with.</param>
    public static string Write(ReadOnlySpan<byte> token, TokenExtensions extensions)
    {
        ArgumentNullException.ThrowIfNull(extensions);
        return string.Concat(Write(token), $", {ExtensionsName}=\"", PaddedBase64Url.Encode(extensions.Encoded.Span), "\"");
    }

    /// <summary>Writes a field value for a token: quoted and padded, as RFC 9577 asks of senders.</summary>
    /// <param name="token">The token's bytes; not checked, a client may also send a greased one.</param>
    public static string Write(ReadOnlySpan<byte> token) => string.Concat(Prefix, PaddedBase64Url.Encode(token), "\"");

    private static PrivateTokenError Find(ReadOnlySpan<char> headerValue, string name, PrivateTokenReadOptions options, out AuthFieldItem found)
    {
        found = default;
        var reader = new AuthFieldReader(headerValue);
        // "PrivateToken =x" would be a parameter of that name.
        if (reader.Read().Kind != AuthFieldItemKind.Scheme) return PrivateTokenError.MalformedSyntax;
        for (var isFirst = true; ; isFirst = false)
        {
            var item = reader.Read();
            if (item.Kind == AuthFieldItemKind.End) break;
            if (item.Kind != AuthFieldItemKind.Parameter) return PrivateTokenError.MalformedSyntax;
            if (options.RequireCommas && !isFirst && !item.FollowsComma) return PrivateTokenError.MalformedSyntax;
            if (!item.IsNamed(name)) continue;
            if (found.Kind == AuthFieldItemKind.Parameter) return PrivateTokenError.DuplicateToken;
            found = item;
        }

        return found.Kind == AuthFieldItemKind.Parameter ? PrivateTokenError.None : PrivateTokenError.NoToken;
    }

    // Kept out of line so that its stack space is not cleared on every read: no known client escapes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PrivateTokenError DecodeEscaped(AuthFieldItem parameter, Span<byte> token, out int length)
    {
        length = 0;
        const int LongestEscaped = 2 * LongestEncodedToken;
        if (parameter.Value.Length > LongestEscaped) return PrivateTokenError.TooLong;
        Span<char> text = stackalloc char[LongestEscaped];
        return Decode(text[..parameter.Unescape(text)], token, out length);
    }

    private static PrivateTokenError Decode(ReadOnlySpan<char> text, Span<byte> token, out int length)
    {
        length = 0;
        if (text.Length > LongestEncodedToken) return PrivateTokenError.TooLong;
        var error = PaddedBase64Url.Decode(text, token[..TokenSizes.LargestToken], out var decoded);
        if (error != Base64UrlError.None) return OfBase64Url(error);
        var readError = TokenView.Read(token[..decoded], out _);
        if (readError != TokenReadError.None) return OfToken(readError);
        length = decoded;
        return PrivateTokenError.None;
    }

    private static PrivateTokenError OfBase64Url(Base64UrlError error) => error switch
    {
        Base64UrlError.NonCanonical => PrivateTokenError.NonCanonicalBase64Url,
        Base64UrlError.TooLong => PrivateTokenError.TooLong,
        _ => PrivateTokenError.NotBase64Url,
    };

    private static PrivateTokenError OfToken(TokenReadError error) => error switch
    {
        TokenReadError.GreasedType => PrivateTokenError.GreasedType,
        TokenReadError.UnsupportedType => PrivateTokenError.UnsupportedType,
        _ => PrivateTokenError.WrongLength,
    };
}
