namespace PrivacyPass.Http;

/// <summary>Names of the PrivateToken authentication scheme (RFC 9577, section 2).</summary>
internal static class PrivateTokenScheme
{
    public const string Name = "PrivateToken";
    public const string Token = "token";
    public const string Challenge = "challenge";
    public const string TokenKey = "token-key";
    public const string MaxAge = "max-age";
    public const string Realm = "realm";
}
