using PrivacyPass;

namespace PrivacyRelay.Issuance;

/// <summary>What tokens of type 0xDA7A are asked for with.</summary>
/// <param name="Life">How long they live at least.</param>
/// <param name="Place">Where the client is, as the issuer or its attester knows it too; null for tokens that do not say.</param>
internal sealed record TokenMetadata(TimeSpan Life, string? Place)
{
    private static readonly TimeSpan _precision = TimeSpan.FromMinutes(15);

    /// <summary>Extensions of tokens that are asked for now: an expiration that many share, and the place.</summary>
    /// <exception cref="ArgumentException">The place is none.</exception>
    public TokenExtensions At(DateTimeOffset now)
    {
        // It is cut down to the precision, so one more is asked for.
        var expiration = TokenExtension.Expiration(now + Life + _precision, _precision);
        return new TokenExtensions(Place is null ? [expiration] : [expiration, TokenExtension.GeoHint(Place)]);
    }
}
