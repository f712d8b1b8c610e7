using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Settings;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>The options of <c>tunnels</c>.</summary>
internal sealed record TunnelsSettings : TargetSettings
{
    private const int MostWarmUpPasses = 10;

    /// <summary>With fewer there is nothing to compile for good.</summary>
    private const int LeastToSettle = 1_000;

    [Flag("Tunnels in each round."), Range(10, 1_000_000)]
    public int Tunnels { get; init; } = 300;

    [Flag("Rounds. Many short ones in turn see less of a busy machine's drift."), Range(1, 1_000)]
    public int Rounds { get; init; } = 120;

    /// <summary>Of each proxy, in several passes: they compile its code for good.</summary>
    [Flag("Tunnels before the first round."), Range(1, 1_000_000)]
    public int WarmUp { get; init; } = 20_000;

    [Flag("Tunnels at a time, without --rate."), Range(1, 10_000)]
    public int Callers { get; init; } = 32;

    [Flag("Open so many tunnels a second, evenly, however long each takes (an open loop); times are from when each was due."), Range(1, 1_000_000)]
    public double? Rate { get; init; }

    [Flag("Tunnels that stay open and do nothing meanwhile, over HTTP/1.1. Two descriptors of the load and two of the proxy each."), Range(0, 100_000)]
    public int Held { get; init; }

    [Flag("How tunnels are closed: fin (in order, both sides) or cut (the connection closed, the stream reset).")]
    public Ending Ending { get; init; } = Ending.Fin;

    [Flag("The longest that a round may take."), Range(1, 3_600)]
    public double Seconds { get; init; } = 60;

    /// <summary>What the second proxy has and the first has not; null runs one proxy as it is by default.</summary>
    [Flag("Run a second proxy with so much telemetry on, the first with none: telemetry (all), metrics, traces, or nothing (what the method itself sees).")]
    public TelemetryPart? Compare { get; init; }

    [Flag("Exit with 1 when the 99th percentile of the time to the answer is above, in milliseconds."), Range(0.001, 600_000)]
    public double? MaxP99 { get; init; }

    [Flag("Exit with 1 when there are fewer tunnels a second (median of the rounds)."), Range(0.001, 10_000_000)]
    public double? MinRate { get; init; }

    [Flag("Exit with 1 when a tunnel costs more of the proxy's CPU, in microseconds (median of the rounds)."), Range(0.001, 60_000_000)]
    public double? MaxCpu { get; init; }

    /// <summary>Code goes through several tiers, each compiled after a pause in what is called for the first time.</summary>
    [JsonIgnore]
    public int WarmUpPasses => HasToSettle ? MostWarmUpPasses : 1;

    /// <summary>Whether the proxy is let compile in peace between passes.</summary>
    [JsonIgnore]
    public bool HasToSettle => WarmUp >= LeastToSettle;

    [JsonIgnore]
    public TimeSpan RoundLimit => TimeSpan.FromSeconds(Seconds);

    [JsonIgnore]
    public int TunnelsOfAProxy => Held + WarmUp + Tunnels * Rounds;

    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in base.Validate(validationContext)) yield return problem;
        if (Compare is not null && Proxy is not null) yield return new("nothing: both proxies are started", [nameof(Compare)]);
        if (Held > 0 && Http != 1) yield return new("0: they are held over HTTP/1.1", [nameof(Held)]);
        if (MaxCpu is not null && Proxy is not null && Pid is null) yield return new("nothing, or --pid for the CPU", [nameof(MaxCpu)]);
        if (Rate is > 0 and var rate && Tunnels / rate > Seconds) yield return new("at least --tunnels through --seconds, within which a round must end", [nameof(Rate)]);
    }
}
