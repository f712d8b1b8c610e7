using System.ComponentModel.DataAnnotations;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Scrapes;

/// <summary>The options of <c>scrape</c>.</summary>
internal sealed record ScrapeSettings
{
    [Flag("Tunnels opened before, each with a token."), Range(1, 1_000_000)]
    public int Tunnels { get; init; } = 5_000;

    [Flag("Scrapes of each format."), Range(1, 100_000)]
    public int Scrapes { get; init; } = 200;
}
