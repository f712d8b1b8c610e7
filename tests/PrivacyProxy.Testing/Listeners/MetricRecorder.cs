using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>What one proxy has counted, as "name{label=value}".</summary>
internal sealed class MetricRecorder(ProxyMeter meter)
{
    public long this[string name] => Sum(sample => sample == name);

    /// <summary>Over all labels.</summary>
    public long Sum(string name) => Sum(sample => sample == name || sample.StartsWith(name + "{", StringComparison.Ordinal));

    private long Sum(Func<string, bool> isMeant) =>
        (long)ScrapedMetrics.Of(meter).Where(sample => isMeant(sample.Labels.ToString() is { Length: > 2 } labels ? sample.Name + labels : sample.Name)).Sum(static sample => sample.Value);
}
