namespace PrivacyPass.AspNetCore.Attestation.Quotas;

/// <summary>Whose tokens are counted, and how many it may have.</summary>
/// <param name="Kind">How it was known, in one word that may stand in metrics.</param>
/// <param name="Identity">What it was known by, the same each time. Kept nowhere but as a keyed hash.</param>
/// <param name="Tokens">How many in each window; 0 suspends it, null counts nothing.</param>
/// <param name="Window">The time after which it may have as many again.</param>
internal sealed record TokenHolder(string Kind, string Identity, int? Tokens, TimeSpan Window)
{
    /// <summary>Never who it is.</summary>
    public override string ToString() => $"{Kind} ({Tokens} per {Window})";
}
