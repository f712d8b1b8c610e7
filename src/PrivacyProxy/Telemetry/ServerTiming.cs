using System.Globalization;
using PrivacyProxy.Telemetry.Tracing;

namespace PrivacyProxy.Telemetry;

/// <summary>Writes the Server-Timing field that every answer has.</summary>
internal static class ServerTiming
{
    public const string HeaderName = "Server-Timing";

    /// <summary><c>proxy;dur=</c> and the milliseconds since <paramref name="receivedAt"/>, a <see cref="TimeProvider.GetTimestamp"/>; with a trace that times them, its parts.</summary>
    public static string Value(TimeProvider time, long receivedAt, RequestTrace? trace = null)
    {
        var total = Entry("proxy", time.GetElapsedTime(receivedAt));
        if (trace is not { TimesParts: true }) return total;
        return total + Part(time, trace, TracePhase.Redeem, "redeem") + Part(time, trace, TracePhase.Resolve, "dns") + Part(time, trace, TracePhase.Connect, "connect");
    }

    /// <summary>Nothing for a part that the request did not come to, or did not finish.</summary>
    private static string Part(TimeProvider time, RequestTrace trace, TracePhase phase, string name)
    {
        var times = trace.Times(phase);
        return times.HasEnded ? ", " + Entry(name, time.GetElapsedTime(times.Start, times.End)) : "";
    }

    private static string Entry(string name, TimeSpan elapsed) => string.Create(CultureInfo.InvariantCulture, $"{name};dur={elapsed.TotalMilliseconds:0.###}");
}
