using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using PrivacyPass;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Issue;

/// <summary>The options of <c>issue</c>.</summary>
internal sealed record IssueSettings : IValidatableObject
{
    [Flag("Token types, in this order: 1 (VOPRF), 2 (blind RSA).")]
    public IReadOnlyList<int> Types { get; init; } = [2, 1];

    [Flag("Tokens of each type."), Range(10, 1_000_000)]
    public int Tokens { get; init; } = 3_000;

    [Flag("Tokens of each type before."), Range(0, 1_000_000)]
    public int WarmUp { get; init; } = 500;

    [Flag("Requests at a time."), Range(1, 1_000)]
    public int Callers { get; init; } = 16;

    [Flag("Directory of an issuer that runs and asks for no attestation; without, one of our own is started.")]
    public Uri? Issuer { get; init; }

    [Flag("PID of that issuer, for its CPU.")]
    public int? Pid { get; init; }

    [Flag("The longest that one type may take, in seconds."), Range(1, 3_600)]
    public double Seconds { get; init; } = 300;

    [Flag("Exit with 1 when fewer tokens are issued in a second, of either type."), Range(0.001, 1_000_000)]
    public double? MinRate { get; init; }

    [Flag("Exit with 1 when the 99th percentile of the time to the answer is above, in milliseconds, of either type."), Range(0.001, 600_000)]
    public double? MaxP99 { get; init; }

    [Flag("Exit with 1 when more requests fail or give no token that verifies."), Range(0, 1_000_000)]
    public int MaxErrors { get; init; }

    [JsonIgnore]
    public IEnumerable<TokenType> TokenTypes => Types.Select(static type => (TokenType)type);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Types.Count == 0 || Types.Any(static type => type is not (1 or 2)) || Types.Distinct().Count() != Types.Count) yield return new("1 and 2, each at most once", [nameof(Types)]);
        if (Issuer is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))) yield return new("an http or https URL", [nameof(Issuer)]);
        if (Pid is not null && (Issuer is null || Pid <= 0)) yield return new("a process, with --issuer", [nameof(Pid)]);
    }
}
