using System.Globalization;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>The telemetry settings of a proxy under load, as environment variables.</summary>
internal static class TelemetrySettings
{
    private const string Section = "PrivacyProxy__Telemetry__";
    private const double Ratio = 0.01;

    /// <param name="part">What is on; everything else is off.</param>
    /// <param name="collector">Where everything is exported to, if it is.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(TelemetryPart part, string collector)
    {
        var all = part == TelemetryPart.Telemetry;
        yield return new(Section + "Metrics__Enabled", Text(all || part == TelemetryPart.Metrics));
        yield return new(Section + "Traces__Enabled", Text(all || part == TelemetryPart.Traces));
        yield return new(Section + "Traces__Ratio", Ratio.ToString(CultureInfo.InvariantCulture));
        yield return new(Section + "ServerTimingParts", Text(all));
        if (all) yield return new(Section + "Otlp__Endpoint", collector);
    }

    private static string Text(bool value) => value ? "true" : "false";
}
