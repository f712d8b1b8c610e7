using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Scrapes;

/// <summary>What scrapes in one format took.</summary>
/// <param name="Format">Plain text or OpenMetrics.</param>
/// <param name="Time">From the request to the last byte, on a connection that stays.</param>
/// <param name="Bytes">Of the last answer.</param>
/// <param name="Samples">Lines that are no comment.</param>
/// <param name="Exemplars">Samples that name a trace.</param>
internal sealed record ScrapeResult(string Format, LatencySummary Time, int Bytes, int Samples, int Exemplars);
