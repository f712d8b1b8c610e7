using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>Source addresses for one place: an element of <c>PrivacyProxy:Egress:Pools</c>.</summary>
internal sealed class PoolOptions : IValidatableObject
{
    /// <summary>Geohash prefix this pool serves, 1 to 12 characters such as <c>xn76</c>; the longest that matches wins.</summary>
    public string? Geohash { get; set; }

    /// <summary>ISO 3166-1 country, two letters: the fallback for hints no prefix matches, and a condition on the prefix if both are set.</summary>
    public string? Country { get; set; }

    /// <summary>Local addresses to dial from, IPv4 and IPv6; at least one. A family without address is not dialled from this pool.</summary>
    public IList<string> Addresses { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Geohash is not null && !GeohashHint.IsGeohash(Geohash)) yield return new ValidationResult("1 to 12 geohash characters: digits and letters without a, i, l, o", [nameof(Geohash)]);
        if (Country is not null && !GeohashHint.IsCountry(Country)) yield return new ValidationResult("two letters such as JP", [nameof(Country)]);
        if (Addresses.Count == 0) yield return new ValidationResult("at least one local address", [nameof(Addresses)]);
        for (var i = 0; i < Addresses.Count; i++)
            if (!AddressPrefix.TryParseAddress(Addresses[i] ?? "", out _)) yield return new ValidationResult("an IPv4 or IPv6 address of this machine", [$"{nameof(Addresses)}:{i}"]);
    }
}
