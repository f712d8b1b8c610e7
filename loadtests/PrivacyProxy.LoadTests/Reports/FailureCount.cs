using System.Text.Json.Serialization;

namespace PrivacyProxy.LoadTests.Reports;

/// <summary>What failed in a run, as a figure, a note and a limit.</summary>
/// <param name="What">Failed.</param>
/// <param name="Count">How many.</param>
/// <param name="First">What the first one failed with.</param>
internal sealed record FailureCount(string What, int Count, string? First)
{
    private const string Name = "errors";

    /// <summary>Of all parts of a run.</summary>
    public static FailureCount Of(string what, IReadOnlyCollection<(int Failed, string? Failure)> parts) =>
        new(what, parts.Sum(static part => part.Failed), parts.Select(static part => part.Failure).FirstOrDefault(static failure => failure is not null));

    [JsonIgnore]
    public Figure Figure => new(Name, Count, "", Better.Lower);

    [JsonIgnore]
    public IReadOnlyList<string> Notes => Count == 0 ? [] : [$"{What} failed, so the figures mean little: {First}"];

    public (string Flag, string Figure, double? Bound) LimitOf(int most) => ("--max-errors", Name, most);
}
