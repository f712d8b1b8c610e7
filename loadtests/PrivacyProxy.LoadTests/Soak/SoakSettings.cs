using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Settings;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Soak;

/// <summary>The options of <c>soak</c>.</summary>
internal sealed record SoakSettings : TargetSettings
{
    /// <summary>Of what the proxy can do when it does nothing else.</summary>
    private const double Half = 0.5;

    [Flag("How long, in seconds."), Range(1, 604_800)]
    public double Seconds { get; init; } = 120;

    [Flag("Tunnels a second.", Default = "half of what a short closed loop reaches"), Range(1, 1_000_000)]
    public double? Rate { get; init; }

    [Flag("Tunnels at a time in the short closed loop, which also warms up."), Range(1, 10_000)]
    public int Callers { get; init; } = 32;

    [Flag("Tunnels of the short closed loop."), Range(10, 1_000_000)]
    public int Probe { get; init; } = 10_000;

    [Flag("Tokens issued before, where tunnels are paid with them; it ends when they are spent.", Default = "enough for 1,000 tunnels a second"), Range(100, 100_000_000)]
    public int? Tokens { get; init; }

    [Flag("How often memory and times are read, in seconds."), Range(0.05, 3_600)]
    public double Every { get; init; } = 1;

    [Flag("How tunnels are closed: fin (in order, both sides) or cut (the connection closed, the stream reset).")]
    public Ending Ending { get; init; } = Ending.Fin;

    [Flag("Exit with 1 when memory in the last quarter is above that in the second by more than this factor."), Range(1, 1_000)]
    public double? MaxGrowth { get; init; } = 1.2;

    [Flag("Exit with 1 when the 99th percentile of the time to the answer is above, in milliseconds."), Range(0.001, 600_000)]
    public double? MaxP99 { get; init; }

    [JsonIgnore]
    public int MostTunnels => Tokens ?? Probe + (int)Math.Min(100_000_000, Seconds * (Rate ?? 1_000));

    /// <summary>Tunnels a second, after the short closed loop reached so many.</summary>
    public double RateAfter(double reached) => Rate ?? Math.Max(1, reached * Half);
}
