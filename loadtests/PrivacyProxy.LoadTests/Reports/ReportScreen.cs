using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Reports;

/// <summary>A report in the terminal.</summary>
internal static class ReportScreen
{
    public static void Print(LoadScreen screen, Report report)
    {
        screen.Title(report.WasStopped ? $"{report.Scenario}, stopped: what was measured so far" : report.Scenario);
        screen.Facts(report.Figures.Select(static figure => (figure.Name, $"{Numbers.Short(figure.Value)} {figure.Unit}".TrimEnd())));
        foreach (var note in report.Notes) screen.Text(note);
        foreach (var limit in report.Limits) screen.Text(limit.ToString());
        screen.Text($"load average now: {Measurements.MachineDescription.Read().LoadAverage}");
    }

    public static void Print(LoadScreen screen, IReadOnlyList<FigureRatio> ratios)
    {
        screen.Table(["", "first", "second", "ratio"], ratios.Select(static ratio => new[]
        {
            $"{ratio.Name}{(ratio.Unit.Length > 0 ? $", {ratio.Unit}" : "")}", Text(ratio.Before), Text(ratio.After), ratio.Ratio is { } value ? Numbers.Fixed(value, 2) : "-",
        }));
    }

    private static string Text(double? value) => value is { } number ? Numbers.Short(number) : "-";
}
