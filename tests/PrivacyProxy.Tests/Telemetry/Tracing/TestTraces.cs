using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Telemetry.Tracing;

namespace PrivacyProxy.Tests.Telemetry.Tracing;

/// <summary>Makes <see cref="TunnelTraces"/> without a proxy around it.</summary>
internal static class TestTraces
{
    public static TunnelTraces Create(TimeProvider time, double ratio = 0, TimeSpan slow = default)
    {
        var options = new TelemetryOptions { Traces = new TracesOptions { Ratio = ratio, SlowCheckThreshold = slow } };
        return new TunnelTraces(new Fixed(options), time, NullLogger<TunnelTraces>.Instance);
    }

    private sealed class Fixed(TelemetryOptions options) : IOptionsMonitor<TelemetryOptions>
    {
        public TelemetryOptions CurrentValue => options;

        public TelemetryOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<TelemetryOptions, string?> listener) => null;
    }
}
