using System.Diagnostics.Metrics;
using PrivacyProxy.Recording.Instruments;
using Tunneling.Admission;

namespace PrivacyProxy.Admission;

/// <summary>The instruments of the bound on connections.</summary>
internal sealed class AdmissionMetrics
{
    private const string Label = "reason";

    private static readonly ShedReason[] _reasons = Enum.GetValues<ShedReason>()[1..];
    private static readonly KeyValuePair<string, object?>[] _labels = [.. _reasons.Select(static reason => new KeyValuePair<string, object?>(Label, reason.ToString().ToLowerInvariant()))];

    public AdmissionMetrics(ConnectionRegistry registry, ProxyMeter meter)
    {
        meter.ObservedGauge("privacy_proxy_connection_places", null, "Places for client connections and the destinations of tunnels.", Once.Of(() => registry.Limits.Places));
        meter.ObservedSum("privacy_proxy_client_connections", null, "Client connections open now.", Once.Of(() => registry.Connections));
        meter.ObservedSum("privacy_proxy_client_connections_unauthenticated", null, "Of those, connections without an accepted credential.", Once.Of(() => registry.Strangers));
        meter.ObservedCounter("privacy_proxy_client_connections_shed_total", null, "Client connections closed to make room, or for what they did.", () => Shed(registry), Label);
    }

    private static IEnumerable<Measurement<long>> Shed(ConnectionRegistry registry) =>
        _reasons.Select((reason, i) => new Measurement<long>(registry.Shed(reason), _labels[i]));
}
