namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>The media types of issuance (RFC 9578, section 8.3) and the path of the directory (section 4).</summary>
internal static class IssuanceMediaTypes
{
    public const string Request = "application/private-token-request";
    public const string Response = "application/private-token-response";
    public const string Directory = "application/private-token-issuer-directory";
    public const string DirectoryPath = "/.well-known/private-token-issuer-directory";
}
