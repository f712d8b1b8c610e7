using System.Globalization;
using System.Text;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>The tables of docs/benchmarks.md.</summary>
internal static class RivalsTable
{
    public static string Render(RivalsResult result)
    {
        var text = new StringBuilder();
        Row(text, ["cost, medians", .. result.Names, "kestrel / best rival", "native / best rival", "asked for"]);
        Row(text, [.. Enumerable.Repeat("---", result.Names.Count + 4)]);
        foreach (var work in result.Work)
        {
            var best = result.BestRival(work);
            Row(text, [$"{work.Title}, {work.Unit}", .. result.Names.Select(name => Number(result.Cost(work, name), 2)), Against(result, work, "kestrel", best), Against(result, work, "native", best), Asked(result, work)]);
        }

        text.Append('\n');
        Row(text, ["speed, medians", .. result.Names]);
        Row(text, [.. Enumerable.Repeat("---", result.Names.Count + 1)]);
        foreach (var work in result.Work.Where(static work => work.Kind != RivalKind.Idle))
        {
            Row(text, [$"{work.Title}, {work.SpeedUnit}", .. result.Names.Select(name => Number(result.Speed(work, name), work.Kind == RivalKind.Tunnels ? 0 : 2))]);
            if (work.Kind == RivalKind.Tunnels) Row(text, ["p50 / p99, ms", .. result.Names.Select(name => Times(result, work, name))]);
        }

        return text.ToString();
    }

    private static string Times(RivalsResult result, RivalWork work, string name) =>
        result.Median(work, name, static run => run.P50) is { } half && result.Median(work, name, static run => run.P99) is { } most ? $"{Numbers.Fixed(half, 1)} / {Numbers.Fixed(most, 1)}" : "";

    private static string Against(RivalsResult result, RivalWork work, string name, string? best) =>
        best is not null && result.Ratio(work, name, best) is { } ratio ? string.Create(CultureInfo.InvariantCulture, $"{ratio:F2} ({best})") : "";

    /// <summary>The better engine of ours against what it is held to.</summary>
    private static string Asked(RivalsResult result, RivalWork work)
    {
        if (work.Asked is not var (rival, share)) return "";
        var ratios = new[] { "kestrel", "native" }.Select(name => result.Ratio(work, name, rival)).OfType<double>().ToList();
        var asked = string.Create(CultureInfo.InvariantCulture, $"{share:0.##} of {rival}");
        return ratios.Count == 0 ? $"{asked}: not measured" : string.Create(CultureInfo.InvariantCulture, $"{asked}: {(ratios.Min() <= share ? "met" : "**missed**")} ({ratios.Min():F2})");
    }

    private static string Number(double? number, int digits) => number is { } value ? digits == 0 ? Numbers.Count(value) : Numbers.Fixed(value, digits) : "";

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
