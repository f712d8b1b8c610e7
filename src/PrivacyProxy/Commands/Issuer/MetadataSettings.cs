using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>The extensions that the issuer signs into tokens with public metadata (type 55930, 0xDA7A).</summary>
internal sealed class MetadataSettings : IValidatableObject
{
    /// <summary>How far ahead a token's expiration may lie; every one has an expiration.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LongestLife { get; set; } = TimeSpan.FromDays(7);

    /// <summary>An expiration is a multiple of this: the finer, the fewer tokens share it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LeastPrecision { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>A geofeed (RFC 8805) that says where clients are by their addresses: a geographic hint is signed where it is true. Without one none is signed.</summary>
    public string? Geofeed { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LeastPrecision > LongestLife) yield return new ValidationResult("at most LongestLife", [nameof(LeastPrecision)]);
        if (Geofeed is not null && !File.Exists(Geofeed)) yield return new ValidationResult("a file of lines such as 192.0.2.0/24,US,US-AL,Alabaster,", [nameof(Geofeed)]);
    }
}
