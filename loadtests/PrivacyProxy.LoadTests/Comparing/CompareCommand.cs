using System.CommandLine;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Comparing;

/// <summary><c>compare</c>: what two runs of one scenario measured, number by number.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var first = new Argument<FileInfo>("first") { Description = "A file of --json." };
        var second = new Argument<FileInfo>("second") { Description = "One of the same scenario, run later or with something else." };
        var tolerance = new Option<double?>("--tolerance") { HelpName = "SHARE", Description = "Exit with 1 when a figure of the second is worse by more than this share (0.1: a tenth). Without, worse figures are no failure." };
        tolerance.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is not (null or >= 0 and <= 100)) result.AddError("--tolerance: expected 0 to 100.");
        });
        var command = new Command("compare", "Compare the results of two runs: the ratio of each number.") { first, second, tolerance };
        command.SetAction((arguments, _) => Scenario.GuardAsync(() => RunAsync(LoadScreen.ForConsole(), arguments.GetRequiredValue(first), arguments.GetRequiredValue(second), arguments.GetValue(tolerance))));
        return command;
    }

    /// <summary>The exit code.</summary>
    /// <exception cref="FormatException">A file is no result, or they are of different scenarios.</exception>
    internal static async Task<int> RunAsync(LoadScreen screen, FileInfo first, FileInfo second, double? tolerance)
    {
        var (before, after) = (await ReportFile.ReadAsync(first), await ReportFile.ReadAsync(second));
        if (before.Scenario != after.Scenario) throw new FormatException($"{first} is of {before.Scenario}, {second} of {after.Scenario}.");
        var ratios = FigureRatio.Of(before, after);
        screen.Title($"{before.Scenario}: {first.Name} ({before.Machine.Date:u}), {second.Name} ({after.Machine.Date:u})");
        ReportScreen.Print(screen, ratios);
        if (before.WasStopped || after.WasStopped) screen.Text("Of a run that was stopped the figures are of what it had measured.");
        if (before.Machine.Processor != after.Machine.Processor || before.Machine.Cores != after.Machine.Cores) screen.Text("They ran on different machines.");
        if (tolerance is not { } share) return 0;
        var worse = ratios.Where(ratio => ratio.IsWorse(share)).Select(static ratio => ratio.Name).ToList();
        if (worse.Count == 0) return 0;
        screen.Text($"Worse by more than {Numbers.Short(share * 100)}%: {string.Join(", ", worse)}.");
        return 1;
    }
}
