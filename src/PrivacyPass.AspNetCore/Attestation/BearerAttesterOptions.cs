using System.Buffers;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>The keys of the bearer attester.</summary>
public sealed class BearerAttesterOptions
{
    /// <summary>The fewest characters of a key.</summary>
    public const int ShortestKey = 16;

    /// <summary>The most characters of a key.</summary>
    public const int LongestKey = 512;

    private static readonly SearchValues<char> _keyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>The keys; at least one.</summary>
    public IList<BearerKey> Keys { get; } = [];

    /// <summary>What is wrong with the options, one sentence each, naming keys by their place and never by their value.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        if (Keys.Count == 0) errors.Add("Keys must hold at least one bearer key.");
        for (var i = 0; i < Keys.Count; i++)
        {
            var key = Keys[i];
            if (key.Key.Length is < ShortestKey or > LongestKey || key.Key.AsSpan().ContainsAnyExcept(_keyCharacters))
                errors.Add($"Keys:{i}:Key must have {ShortestKey} to {LongestKey} characters, only letters, digits and -._~+/=.");
            if (key.Quota < 0) errors.Add($"Keys:{i}:Quota must not be negative.");
            if (key.Window < TimeSpan.FromSeconds(1) || key.Window > TimeSpan.FromDays(366)) errors.Add($"Keys:{i}:Window must be 1 second to 366 days.");
        }

        if (Keys.Select(key => key.Key).Distinct(StringComparer.Ordinal).Count() != Keys.Count) errors.Add("Keys must not repeat a key.");
        return errors;
    }
}
