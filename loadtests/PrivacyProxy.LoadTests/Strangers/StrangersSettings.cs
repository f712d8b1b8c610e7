using System.ComponentModel.DataAnnotations;
using PrivacyProxy.LoadTests.Settings;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>The options of <c>strangers</c>.</summary>
internal sealed record StrangersSettings : TargetSettings
{
    [Flag("What they do: slowloris, headers, forged.")]
    public StrangerKind Kind { get; init; } = StrangerKind.Slowloris;

    [Flag("Connections of slowloris that are kept up; one that is closed is opened again."), Range(1, 60_000)]
    public int Slow { get; init; } = 10_000;

    [Flag("Seconds between two bytes of one of them."), Range(0.05, 60)]
    public double Drip { get; init; } = 2;

    [Flag("Requests with long heads a second."), Range(1, 100_000)]
    public double Heads { get; init; } = 300;

    [Flag("Bytes of such a head."), Range(100, 1_000_000)]
    public int HeadBytes { get; init; } = 30_000;

    [Flag("Requests with forged tokens a second."), Range(1, 100_000)]
    public double Forged { get; init; } = 1_000;

    [Flag("Good tunnels a second."), Range(1, 100_000)]
    public double Rate { get; init; } = 100;

    [Flag("Seconds of each round, without strangers and with them."), Range(0.5, 600)]
    public double Seconds { get; init; } = 10;

    [Flag("Rounds of both."), Range(1, 100)]
    public int Rounds { get; init; } = 3;

    [Flag("Good tunnels before, so that code is compiled."), Range(0, 100_000)]
    public int WarmUp { get; init; } = 2_000;

    [Flag("Exit with 1 when the 99th percentile with strangers is above that without by more than this factor (medians of the rounds)."), Range(1, 1_000)]
    public double? MaxRatio { get; init; } = 2;

    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in base.Validate(validationContext)) yield return problem;
        if (Kind == StrangerKind.Forged && Pay != Payment.Tokens) yield return new("tokens, of which forged ones are made", [nameof(Pay)]);
    }
}
