namespace PrivacyProxy.Commands.Top.Exposition;

/// <summary>What was read from a scrape.</summary>
/// <param name="Samples">The samples of the families asked for.</param>
/// <param name="MalformedLines">Lines that are no sample, of whatever family, and were left out.</param>
internal sealed record PrometheusText(IReadOnlyList<MetricSample> Samples, int MalformedLines);
