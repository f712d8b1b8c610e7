using System.CommandLine;

namespace PrivacyProxy.LoadTests.Issue;

/// <summary><c>issue</c>: how many tokens an issuer gives, and what each costs it.</summary>
internal static class IssueCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.CreateMeasured<IssueSettings>("issue", "Tokens from a real issuer, of types 1 and 2: tokens per second, times, and the issuer's CPU for each.", json, static async (screen, settings, cancellationToken) =>
        {
            var result = await new IssueScenario(screen, settings).RunAsync(cancellationToken);
            return result.ToReport(settings);
        });
}
