namespace PrivacyPass.Issuance;

/// <summary>The media types of issuance (RFC 9578, section 8.3).</summary>
public static class PrivateTokenMediaTypes
{
    /// <summary>A TokenRequest.</summary>
    public const string TokenRequest = "application/private-token-request";

    /// <summary>A TokenResponse.</summary>
    public const string TokenResponse = "application/private-token-response";

    /// <summary>An issuer directory.</summary>
    public const string IssuerDirectory = "application/private-token-issuer-directory";
}
