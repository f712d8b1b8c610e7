namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>A key that buys tokens: sent as "Authorization: Bearer KEY" (RFC 6750).</summary>
public sealed class BearerKey
{
    /// <summary>The secret, at least 16 characters of RFC 6750's b64token alphabet (letters, digits and -._~+/ with = at the end).</summary>
    public string Key { get; set; } = "";

    /// <summary>How many tokens it buys in each <see cref="Window"/>; 0 suspends the key. Default: 1000.</summary>
    public int Quota { get; set; } = 1000;

    /// <summary>The time after which the quota is full again. Default: 1 hour.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"BearerKey ({Quota} per {Window})";
}
