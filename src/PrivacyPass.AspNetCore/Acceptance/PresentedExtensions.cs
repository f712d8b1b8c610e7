using PrivacyPass.Http;

namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>What can be said of the extensions that came with a token, before the signature that binds the token to them.</summary>
internal enum ExtensionStanding
{
    /// <summary>They can be read, and the token has not expired.</summary>
    Good,

    /// <summary>They are missing, or cannot be read.</summary>
    Malformed,

    /// <summary>The token has expired; or says, in words not known here, when it does.</summary>
    Expired,
}

/// <summary>The extensions in a PrivateToken credential (draft-ietf-privacypass-auth-scheme-extensions).</summary>
internal static class PresentedExtensions
{
    /// <summary>Reads and looks at them.</summary>
    /// <param name="credentials">The field's value.</param>
    /// <param name="bytes">Gets their encoding, which a verifier wants.</param>
    /// <param name="now">The time that tokens expire by.</param>
    /// <param name="length">How many bytes they take.</param>
    /// <param name="extensions">What was read; null where nothing could be.</param>
    /// <param name="options">How strictly the field is read.</param>
    public static ExtensionStanding Examine(
        string credentials, Span<byte> bytes, DateTimeOffset now, out int length, out TokenExtensions? extensions, PrivateTokenReadOptions options = default)
    {
        extensions = null;
        if (PrivateTokenCredentials.TryReadExtensions(credentials, bytes, out length, options) != PrivateTokenError.None) return ExtensionStanding.Malformed;
        if (!TokenExtensions.TryRead(bytes[..length], out extensions)) return ExtensionStanding.Malformed;
        return extensions!.TryGetExpiration(out var expiration) && !(expiration <= now) ? ExtensionStanding.Good : ExtensionStanding.Expired;
    }
}
