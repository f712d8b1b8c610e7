using System.ComponentModel.DataAnnotations;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Placement;

/// <summary>The options of <c>placement</c>.</summary>
internal sealed record PlacementSettings : IValidatableObject
{
    [Flag("Memcached nodes: one fleet each.")]
    public IReadOnlyList<int> Nodes { get; init; } = [30, 100, 300];

    [Flag("Checks a second of all proxies together: each in every fleet.")]
    public IReadOnlyList<int> Checks { get; init; } = [1_000_000, 10_000_000];

    [Flag("When nodes go away: independent, rolling, zone.")]
    public IReadOnlyList<FailureSchedule> Schedules { get; init; } = [FailureSchedule.Independent, FailureSchedule.Rolling, FailureSchedule.Zone];

    [Flag("Replicas of each token."), Range(1, 9)]
    public int Replicas { get; init; } = 3;

    [Flag("Hours that are played, and that the issuer's key lives."), Range(0.1, 8_760)]
    public double Hours { get; init; } = 24;

    [Flag("Hours between two failures of one node, on average, where each fails for itself."), Range(0.1, 1_000_000)]
    public double Between { get; init; } = 168;

    [Flag("Seconds that a node is away."), Range(0.1, 86_400)]
    public double Away { get; init; } = 60;

    [Flag("The share of failures in which a node loses its memory."), Range(0, 1)]
    public double Lossy { get; init; } = 1;

    [Flag("Checks a second of one proxy, which is how many proxies there are."), Range(1, 10_000_000)]
    public int PerProxy { get; init; } = 20_000;

    [Flag("Hours after which a proxy is restarted, which ends its journal; 0: never."), Range(0, 8_760)]
    public double ProxyHours { get; init; } = 24;

    [Flag("JournalCapacity: accepted spends that a proxy can write again."), Range(0, 1_000_000_000)]
    public int Journal { get; init; } = 1_000_000;

    [Flag("Spends a second that a node is given back by all proxies together."), Range(1, 100_000_000)]
    public double Refill { get; init; } = 200_000;

    [Flag("SyncGrace, in seconds."), Range(0, 3_600)]
    public double Grace { get; init; } = 1;

    [Flag("Tokens that are followed, each standing for many."), Range(1_000, 100_000_000)]
    public int Sample { get; init; } = 1_000_000;

    [Flag("Chance: the same number plays the same."), Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    [Flag("Exit with 1 when more checks of a million are refused, in any run."), Range(0, 1_000_000)]
    public double? MaxRefused { get; init; }

    [Flag("Exit with 1 when more tokens of a million are forgotten, if only for a time, in any run."), Range(0, 1_000_000)]
    public double? MaxForgotten { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Nodes.Count == 0 || Nodes.Any(nodes => nodes < Replicas || nodes > 10_000)) yield return new($"numbers from {nameof(Replicas)} to 10000", [nameof(Nodes)]);
        if (Checks.Count == 0 || Checks.Any(static checks => checks is < 1 or > 1_000_000_000)) yield return new("numbers from 1 to 1000000000", [nameof(Checks)]);
        if (Schedules.Count == 0) yield return new("at least one", [nameof(Schedules)]);
    }
}
