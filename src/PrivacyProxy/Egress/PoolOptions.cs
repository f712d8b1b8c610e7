namespace PrivacyProxy.Egress;

/// <summary>Source addresses for one place: an element of <c>PrivacyProxy:Egress:Pools</c>.</summary>
internal sealed class PoolOptions
{
    /// <summary>Geohash prefix this pool serves, 1 to 12 characters such as <c>xn76</c>; the longest that matches wins.</summary>
    public string? Geohash { get; set; }

    /// <summary>ISO 3166-1 country, two letters: the fallback for hints no prefix matches, and a condition on the prefix if both are set.</summary>
    public string? Country { get; set; }

    /// <summary>Local addresses to dial from, IPv4 and IPv6; at least one. A family without address is not dialled from this pool.</summary>
    public IList<string> Addresses { get; set; } = [];
}
