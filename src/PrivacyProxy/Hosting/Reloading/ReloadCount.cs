using System.Diagnostics.Metrics;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Hosting.Reloading;

/// <summary>Counts reloads.</summary>
internal sealed class ReloadCount
{
    private const string Label = "result";

    private long _applied;
    private long _refused;

    public ReloadCount(ProxyMeter meter) =>
        meter.ObservedCounter("privacy_proxy_reloads_total", null, "Times that changed settings and files were applied, or refused and the old ones kept.", Read, Label);

    public void Applied() => Interlocked.Increment(ref _applied);

    public void Refused() => Interlocked.Increment(ref _refused);

    private IEnumerable<Measurement<long>> Read() =>
    [
        new(Volatile.Read(ref _applied), KeyValuePair.Create(Label, (object?)"applied")),
        new(Volatile.Read(ref _refused), KeyValuePair.Create(Label, (object?)"refused")),
    ];
}
