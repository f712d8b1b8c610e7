using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Settings;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Idle;

/// <summary>The options of <c>idle</c>.</summary>
internal sealed record IdleSettings : TargetSettings
{
    /// <summary>After each, memory is read.</summary>
    public const int Steps = 10;

    [Flag("Tunnels that are open and do nothing. Two descriptors of the load and two of the proxy each."), Range(Steps, 100_000)]
    public int Tunnels { get; init; } = 2_000;

    [Flag("Tunnels opened and closed before, so that code and pools are there."), Range(0, 100_000)]
    public int WarmUp { get; init; } = 1_000;

    [Flag("Tunnels opened at a time."), Range(1, 1_000)]
    public int Callers { get; init; } = 32;

    [Flag("Tunnels on each connection of HTTP/2 and HTTP/3; these go before --connections."), Range(1, 10_000)]
    public int Streams { get; init; } = 90;

    [Flag("How long the proxy is left alone before memory is read, in seconds."), Range(0, 600)]
    public double Settle { get; init; } = 3;

    [Flag("Exit with 1 when an idle tunnel takes more bytes."), Range(1, 1_000_000_000)]
    public double? MaxBytes { get; init; }

    /// <summary>As many connections as the tunnels need.</summary>
    [JsonIgnore]
    public IdleSettings WithConnections => this with { Connections = (Math.Max(Tunnels, WarmUp) + Streams - 1) / Streams, PerConnection = int.MaxValue };

    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in base.Validate(validationContext)) yield return problem;
        if (Proxy is not null && Pid is null) yield return new("--pid beside it: the process whose memory is read", [nameof(Proxy)]);
    }
}
