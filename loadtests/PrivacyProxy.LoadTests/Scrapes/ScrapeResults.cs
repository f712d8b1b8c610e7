namespace PrivacyProxy.LoadTests.Scrapes;

/// <summary>What <c>scrape</c> found.</summary>
/// <param name="Formats">Each format.</param>
/// <param name="ProcessorMicroseconds">CPU time of the proxy per scrape, of either format.</param>
internal sealed record ScrapeResults(IReadOnlyList<ScrapeResult> Formats, double ProcessorMicroseconds);
