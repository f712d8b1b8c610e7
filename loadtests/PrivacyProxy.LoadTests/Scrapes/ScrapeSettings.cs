namespace PrivacyProxy.LoadTests.Scrapes;

/// <summary>The options of <c>scrape</c>.</summary>
/// <param name="Tunnels">Opened before, each with a token of its own.</param>
/// <param name="Scrapes">Of each format.</param>
internal sealed record ScrapeSettings(int Tunnels, int Scrapes);
