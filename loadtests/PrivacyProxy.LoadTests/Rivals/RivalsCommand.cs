using System.CommandLine;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary><c>rivals</c>: what our proxy costs beside others.</summary>
internal static class RivalsCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.CreateMeasured<RivalsSettings>("rivals", "Our proxy, tokens and all, beside haproxy, squid, nghttpx, Go, Node and h2o; loadtests/compare.sh runs it.", json, static async (screen, settings, cancellationToken) =>
        {
            var result = await new RivalsScenario(screen, settings).RunAsync(cancellationToken);
            screen.Raw(RivalsTable.Render(result));
            return result.ToReport(settings);
        });
}
