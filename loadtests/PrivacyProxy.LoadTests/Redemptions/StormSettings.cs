using System.ComponentModel.DataAnnotations;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary>The options of <c>replay</c> and <c>forged</c>.</summary>
internal sealed record StormSettings
{
    [Flag("memory, sqlite or memcached.")]
    public SpentTokenStoreKind Store { get; init; } = SpentTokenStoreKind.Memcached;

    [Flag("Requests at a time."), Range(1, 1_000)]
    public int Callers { get; init; } = 2;

    [Flag("Longest time for one line of the table."), Range(0.1, 60)]
    public double Seconds { get; init; } = 2;

    /// <summary>For each line; they are dear to make.</summary>
    [Flag("Tokens of type 1 to issue."), Range(1_000, 1_000_000)]
    public int Type1Tokens { get; init; } = 2_500;

    [Flag("Tokens of type 2 to issue."), Range(1_000, 1_000_000)]
    public int Type2Tokens { get; init; } = 8_000;
}
