using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Watching;

/// <summary>One look at a proxy.</summary>
/// <param name="Metrics">Its /metrics.</param>
/// <param name="Readiness">Its /readyz.</param>
/// <param name="At">When, on a clock that only goes forward.</param>
/// <param name="Clock">When, by the calendar.</param>
internal sealed record Scrape(MetricsSnapshot Metrics, Readiness Readiness, TimeSpan At, DateTimeOffset Clock);
