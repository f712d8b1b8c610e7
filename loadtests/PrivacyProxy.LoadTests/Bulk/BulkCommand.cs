using System.CommandLine;

namespace PrivacyProxy.LoadTests.Bulk;

/// <summary><c>bulk</c>: how many bytes pass, and what a GB costs the proxy.</summary>
internal static class BulkCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.CreateMeasured<BulkSettings>("bulk", "Many bytes down and up through a few tunnels: GB per second, and the proxy's CPU for each GB.", json, static async (screen, settings, cancellationToken) =>
        {
            var result = await new BulkScenario(screen, settings).RunAsync(cancellationToken);
            screen.Text($"{settings.Tunnels} tunnels, {settings.Megabytes} MiB each way in each, {settings.Way}");
            return result.ToReport(settings);
        });
}
