using System.CommandLine;
using PrivacyProxy.LoadTests.Bulk;
using PrivacyProxy.LoadTests.Checks;
using PrivacyProxy.LoadTests.Comparing;
using PrivacyProxy.LoadTests.Durability;
using PrivacyProxy.LoadTests.Idle;
using PrivacyProxy.LoadTests.Issue;
using PrivacyProxy.LoadTests.Nagle;
using PrivacyProxy.LoadTests.Once;
using PrivacyProxy.LoadTests.Redemptions;
using PrivacyProxy.LoadTests.Rivals;
using PrivacyProxy.LoadTests.Scrapes;
using PrivacyProxy.LoadTests.Soak;
using PrivacyProxy.LoadTests.Stall;
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
            BulkCommand.Create(json),
            IdleCommand.Create(json),
            IssueCommand.Create(json),
            SoakCommand.Create(json),
            ScrapeCommand.Create(json),
            UdpCommand.Create(json),
            RivalsCommand.Create(json),
            CompareCommand.Create(),
            SpendingCommand.Create(),
        };
    }

    private static Task<int> Main(string[] args) => CreateRoot().Parse(args).InvokeAsync();
}
