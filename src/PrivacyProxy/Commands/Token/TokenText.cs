using PrivacyPass;
using PrivacyPass.Http;

namespace PrivacyProxy.Commands.Token;

/// <summary>A token as it is typed: base64url, with or without padding.</summary>
internal static class TokenText
{
    /// <exception cref="FormatException">It is no token of a supported type; says why.</exception>
    public static byte[] Parse(string text)
    {
        var bytes = new byte[TokenSizes.LargestToken];
        var error = PrivateTokenCredentials.TryRead($"PrivateToken token={text.Trim()}", bytes, out var length);
        return error == PrivateTokenError.None ? bytes[..length] : throw new FormatException($"This is not a token: {error}.");
    }
}
