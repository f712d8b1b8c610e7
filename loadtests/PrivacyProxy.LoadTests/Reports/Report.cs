using System.Text.Json;
using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Reports;

/// <summary>What a run of a scenario found, as it is printed, written and compared.</summary>
/// <param name="Scenario">Its name on the command line.</param>
/// <param name="Machine">Where and when.</param>
/// <param name="Settings">With what it ran; without secrets.</param>
/// <param name="Figures">The numbers that matter.</param>
internal sealed record Report(string Scenario, MachineDescription Machine, JsonElement Settings, IReadOnlyList<Figure> Figures)
{
    /// <summary>What the figures were asked to hold.</summary>
    public IReadOnlyList<Limit> Limits { get; init; } = [];

    public IReadOnlyList<Chart> Charts { get; init; } = [];

    /// <summary>What a reader of the figures must know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether it was stopped before its end: the figures are of what was measured so far.</summary>
    public bool WasStopped { get; init; }

    /// <summary>Everything that was measured.</summary>
    public JsonElement? Results { get; init; }

    [JsonIgnore]
    public IEnumerable<Limit> Missed => Limits.Where(static limit => !limit.IsMet);

    /// <param name="scenario">Its name on the command line.</param>
    /// <param name="settings">With what it ran; what they keep from JSON is kept from all readers.</param>
    /// <param name="figures">The numbers that matter.</param>
    /// <param name="results">Everything that was measured.</param>
    public static Report Of(string scenario, object settings, IReadOnlyList<Figure> figures, object results) =>
        new(scenario, MachineDescription.Read(), ReportFile.ToElement(settings), figures) { Results = ReportFile.ToElement(results) };
}
