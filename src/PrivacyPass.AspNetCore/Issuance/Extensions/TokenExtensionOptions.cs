namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Which extensions an issuer signs into tokens with public metadata (type 0xDA7A).</summary>
public sealed class TokenExtensionOptions
{
    /// <summary>How far ahead an expiration may lie; every request must have one. Default: 7 days.</summary>
    public TimeSpan LongestLife { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The least precision of an expiration: the finer, the fewer share it. Default: 15 minutes.</summary>
    public TimeSpan LeastPrecision { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// A geofeed (RFC 8805: lines of PREFIX,COUNTRY,REGION,CITY,): a geographic hint is signed where it is that of the client's own address.
    /// Without one no hint is signed.
    /// </summary>
    public string? GeofeedFile { get; set; }

    /// <summary>
    /// Whether hints are signed as they come: where only attesters ask, who know the clients' addresses and have checked them. Default: false.
    /// </summary>
    public bool AttesterChecksHints { get; set; }

    internal IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        if (LongestLife < TimeSpan.FromMinutes(1) || LongestLife > TimeSpan.FromDays(366)) errors.Add("LongestLife must be 1 minute to 366 days.");
        if (LeastPrecision < TimeSpan.FromSeconds(1) || LeastPrecision > LongestLife) errors.Add("LeastPrecision must be 1 second to LongestLife.");
        return errors;
    }
}
