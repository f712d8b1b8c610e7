using System.CommandLine;
using PrivacyProxy.LoadTests.Bulk;
using PrivacyProxy.LoadTests.Checks;
using PrivacyProxy.LoadTests.Comparing;
using PrivacyProxy.LoadTests.Durability;
using PrivacyProxy.LoadTests.Idle;
using PrivacyProxy.LoadTests.Issue;
using PrivacyProxy.LoadTests.Nagle;
using PrivacyProxy.LoadTests.Once;
using PrivacyProxy.LoadTests.Placement;
using PrivacyProxy.LoadTests.Redemptions;
using PrivacyProxy.LoadTests.Rivals;
using PrivacyProxy.LoadTests.Rolling;
using PrivacyProxy.LoadTests.Scrapes;
using PrivacyProxy.LoadTests.Soak;
using PrivacyProxy.LoadTests.Stall;
using PrivacyProxy.LoadTests.Strangers;
using PrivacyProxy.LoadTests.Tunnels;
using PrivacyProxy.LoadTests.Udp;

namespace PrivacyProxy.LoadTests;

/// <summary>Runs one scenario; everything happens on loopback and ends by itself.</summary>
internal static class LoadTestProgram
{
    /// <summary>All scenarios, without running one.</summary>
    public static RootCommand CreateRoot()
    {
        var json = new Option<FileInfo?>("--json") { Description = "Write the results to this file too.", Recursive = true };
        return new RootCommand("Load tests of PrivacyProxy: each scenario is bounded, runs on loopback and ends by itself.")
        {
            json,
            NagleCommand.Create(json),
            ChecksCommand.Create(json),
            OnceCommand.Create(json),
            StormCommand.Create(StormKind.Replay, json),
            StormCommand.Create(StormKind.Forged, json),
            StallCommand.Create(),
            TunnelsCommand.Create(json),
            Scenario.CreateMeasured<BulkSettings>("bulk", "Many bytes down and up through a few tunnels: GB per second, and the proxy's CPU for each GB.", json, BulkScenario.ReportAsync),
            Scenario.CreateMeasured<IdleSettings>("idle", "Tunnels that do nothing: memory of the proxy for each.", json, IdleScenario.ReportAsync),
            Scenario.CreateMeasured<IssueSettings>("issue", "Tokens from a real issuer, of types 1 and 2: tokens per second, times, and the issuer's CPU for each.", json, IssueScenario.ReportAsync),
            Scenario.CreateMeasured<SoakSettings>("soak", "Half of what a proxy can do, for a long time: memory of the last quarter against the second, times and errors.", json, SoakScenario.ReportAsync),
            Scenario.CreateMeasured<PlacementSettings>("placement", "Fleets of up to hundreds of nodes played through: what is refused and what is forgotten when nodes go away.", json, PlacementScenario.ReportAsync),
            Scenario.CreateMeasured<RollingSettings>("rolling", "Two replicas behind haproxy restarted one after the other under tunnels that stay and short ones: what is cut, what is refused.", json, RollingScenario.ReportAsync),
            Scenario.CreateMeasured<StrangersSettings>("strangers", "Slowloris or long heads beside good tunnels: what strangers cost the others.", json, StrangersScenario.ReportAsync),
            ScrapeCommand.Create(json),
            UdpCommand.Create(json),
            RivalsCommand.Create(json),
            CompareCommand.Create(),
            SpendingCommand.Create(),
            StrangerCommand.Create(),
        };
    }

    private static Task<int> Main(string[] args) => CreateRoot().Parse(args).InvokeAsync();
}
