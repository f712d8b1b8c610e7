using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Tests.Telemetry.Tracing;

/// <summary>Makes <see cref="TunnelTraces"/> without a proxy around it.</summary>
internal static class TestTraces
{
    public static TunnelTraces Create(TimeProvider time, double ratio = 0, TimeSpan slow = default)
    {
        var options = new RecordingOptions { Traces = new TracesOptions { Ratio = ratio, SlowCheckThreshold = slow } };
        return new TunnelTraces(new Fixed(options), time, NullLogger<TunnelTraces>.Instance);
    }

    private sealed class Fixed(RecordingOptions options) : IOptionsMonitor<RecordingOptions>
    {
        public RecordingOptions CurrentValue => options;

        public RecordingOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<RecordingOptions, string?> listener) => null;
    }
}
