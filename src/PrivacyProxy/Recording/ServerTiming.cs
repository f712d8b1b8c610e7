using System.Globalization;
using System.Runtime.CompilerServices;

namespace PrivacyProxy.Recording;

/// <summary>Writes the Server-Timing field that every answer has.</summary>
internal static class ServerTiming
{
    public const string HeaderName = "Server-Timing";

    /// <summary>Longer than all parts with their times.</summary>
    private const int MaxLength = 160;

    /// <summary><c>proxy;dur=</c> and the milliseconds since <paramref name="receivedAt"/>, a <see cref="TimeProvider.GetTimestamp"/>; with a trace that times them, its parts.</summary>
    public static string Value(TimeProvider time, long receivedAt, RequestTrace? trace = null)
    {
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[MaxLength]);
        Append(ref text, "proxy", time.GetElapsedTime(receivedAt));
        if (trace is { TimesParts: true })
        {
            AppendPart(ref text, time, trace, TracePhase.Redeem, ", redeem");
            AppendPart(ref text, time, trace, TracePhase.Resolve, ", dns");
            AppendPart(ref text, time, trace, TracePhase.Connect, ", connect");
        }

        return text.ToStringAndClear();
    }

    /// <summary>Nothing for a part that the request did not come to, or did not finish.</summary>
    private static void AppendPart(ref DefaultInterpolatedStringHandler text, TimeProvider time, RequestTrace trace, TracePhase phase, string name)
    {
        var times = trace.Times(phase);
        if (times.HasEnded) Append(ref text, name, time.GetElapsedTime(times.Start, times.End));
    }

    /// <summary>Milliseconds with three places, from integers: formatting a double costs several times as much, at every answer.</summary>
    private static void Append(ref DefaultInterpolatedStringHandler text, string name, TimeSpan elapsed)
    {
        var (milliseconds, microseconds) = Math.DivRem(elapsed.Ticks / TimeSpan.TicksPerMicrosecond, 1000);
        text.AppendLiteral(name);
        text.AppendLiteral(";dur=");
        text.AppendFormatted(milliseconds);
        text.AppendLiteral(".");
        text.AppendFormatted(microseconds, "D3");
    }
}
