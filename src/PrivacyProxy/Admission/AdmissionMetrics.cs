using System.Diagnostics.Metrics;
using PrivacyProxy.Recording;
using Tunneling.Admission;

namespace PrivacyProxy.Admission;

/// <summary>The instruments of the bound on connections.</summary>
internal sealed class AdmissionMetrics : IDisposable
{
    private static readonly ShedReason[] _reasons = Enum.GetValues<ShedReason>()[1..];
    private static readonly KeyValuePair<string, object?>[] _labels = [.. _reasons.Select(static reason => new KeyValuePair<string, object?>("reason", reason.ToString().ToLowerInvariant()))];

    private readonly Meter _meter = new(ProxyMeter.Name);

    public AdmissionMetrics(ConnectionRegistry registry)
    {
        _meter.CreateObservableGauge("privacy_proxy_connection_places", () => registry.Limits.Places, description: "Places for client connections and the destinations of tunnels.");
        _meter.CreateObservableUpDownCounter("privacy_proxy_client_connections", () => registry.Connections, description: "Client connections open now.");
        _meter.CreateObservableUpDownCounter("privacy_proxy_client_connections_unauthenticated", () => registry.Strangers, description: "Of those, connections without an accepted credential.");
        _meter.CreateObservableCounter("privacy_proxy_client_connections_shed_total", () => Shed(registry), description: "Client connections closed to make room, or for what they did.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Shed(ConnectionRegistry registry) =>
        _reasons.Select((reason, i) => new Measurement<long>(registry.Shed(reason), _labels[i]));
}
