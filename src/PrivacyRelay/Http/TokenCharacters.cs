using System.Buffers;

namespace PrivacyRelay.Http;

/// <summary>The characters of an HTTP token, as in methods and field names (RFC 9110, section 5.6.2).</summary>
internal static class TokenCharacters
{
    private static readonly SearchValues<char> _all =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool ContainsOnlyTokenCharacters(this ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(_all);
}
