using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Settings;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Bulk;

/// <summary>The options of <c>bulk</c>.</summary>
internal sealed record BulkSettings : TargetSettings
{
    private const int WaysOfARound = 2;

    [Flag("Tunnels at a time."), Range(1, 1_000)]
    public int Tunnels { get; init; } = 8;

    [Flag("MiB through each tunnel in each round, down and then up."), Range(1, 100_000)]
    public int Megabytes { get; init; } = 64;

    [Flag("Rounds."), Range(1, 1_000)]
    public int Rounds { get; init; } = 5;

    [Flag("Rounds before the first one that counts."), Range(0, 100)]
    public int WarmUp { get; init; } = 1;

    [Flag("Percent of the packets between client and proxy that are lost each way, over HTTP/3."), Range(0, 50)]
    public double Loss { get; init; }

    [Flag("What a packet takes between client and proxy each way, over HTTP/3, in milliseconds."), Range(0, 1_000)]
    public double Delay { get; init; }

    [Flag("The longest that one way of a round may take."), Range(1, 3_600)]
    public double Seconds { get; init; } = 120;

    [Flag("Exit with 1 when a GB costs more of the proxy's CPU, in seconds (median of the rounds), down or up."), Range(0.001, 1_000)]
    public double? MaxCpuPerGb { get; init; }

    [Flag("Exit with 1 when fewer GB pass in a second (median of the rounds), down or up."), Range(0.001, 1_000)]
    public double? MinRate { get; init; }

    /// <summary>Whether there is more than loopback between client and proxy.</summary>
    [JsonIgnore]
    public bool HasPath => Loss > 0 || Delay > 0;

    [JsonIgnore]
    public TimeSpan Limit => TimeSpan.FromSeconds(Seconds);

    [JsonIgnore]
    public int TunnelsOfAProxy => Tunnels * (Rounds + WarmUp) * WaysOfARound;

    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in base.Validate(validationContext)) yield return problem;
        if (HasPath && Http != 3) yield return new("nothing, without --http 3", [Loss > 0 ? nameof(Loss) : nameof(Delay)]);
        if (MaxCpuPerGb is not null && Proxy is not null && Pid is null) yield return new("nothing, or --pid for the CPU", [nameof(MaxCpuPerGb)]);
    }
}
