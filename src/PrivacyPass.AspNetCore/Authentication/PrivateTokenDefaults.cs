namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>Names of the PrivateToken authentication scheme.</summary>
public static class PrivateTokenDefaults
{
    /// <summary>The name of the scheme, in ASP.NET Core and in HTTP (RFC 9577, section 2).</summary>
    public const string AuthenticationScheme = "PrivateToken";

    /// <summary>The type of the claim that holds the issuer's name; with the type the only thing a token says of its bearer, unless it has metadata.</summary>
    public const string IssuerClaim = "private_token_issuer";

    /// <summary>The type of the claim that holds the token type, in decimal digits.</summary>
    public const string TypeClaim = "private_token_type";

    /// <summary>The type of the claim that holds the place of a token of type 0xDA7A, such as US,US-AL,ALABASTER: its issuer, or the attester, has looked at it.</summary>
    public const string GeoHintClaim = "private_token_geo_hint";
}
