namespace PrivacyProxy.Commands.Top.Exposition;

/// <summary>One line of the Prometheus text format.</summary>
internal readonly record struct MetricSample(string Name, LabelSet Labels, double Value);
