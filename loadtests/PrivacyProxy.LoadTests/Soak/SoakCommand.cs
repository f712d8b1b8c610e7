using System.CommandLine;

namespace PrivacyProxy.LoadTests.Soak;

/// <summary><c>soak</c>: what grows under a steady load.</summary>
internal static class SoakCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.CreateMeasured<SoakSettings>("soak", "Half of what a proxy can do, for a long time: memory of the last quarter against the second, times and errors.", json, static async (screen, settings, cancellationToken) =>
        {
            var result = await new SoakScenario(screen, settings).RunAsync(cancellationToken);
            screen.Text($"{settings.Way}, an open loop");
            return result.ToReport(settings);
        });
}
