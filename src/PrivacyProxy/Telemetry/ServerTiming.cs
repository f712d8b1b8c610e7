using System.Globalization;

namespace PrivacyProxy.Telemetry;

/// <summary>Writes the Server-Timing field that every answer has.</summary>
internal static class ServerTiming
{
    public const string HeaderName = "Server-Timing";

    /// <summary><c>proxy;dur=</c> and the milliseconds since <paramref name="receivedAt"/>, a <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public static string Value(TimeProvider time, long receivedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"proxy;dur={time.GetElapsedTime(receivedAt).TotalMilliseconds:0.###}");
}
