using System.CommandLine;

namespace PrivacyProxy.LoadTests.Idle;

/// <summary><c>idle</c>: what an open tunnel that does nothing takes of the proxy's memory.</summary>
internal static class IdleCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.CreateMeasured<IdleSettings>("idle", "Tunnels that do nothing: memory of the proxy for each.", json, static async (screen, settings, cancellationToken) =>
        {
            var result = await new IdleScenario(screen, settings).RunAsync(cancellationToken);
            screen.Text($"{settings.Way}; each tunnel has echoed a byte before");
            return result.ToReport(settings);
        });
}
