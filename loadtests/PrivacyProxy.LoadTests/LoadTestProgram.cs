using System.CommandLine;
using PrivacyProxy.LoadTests.Durability;

namespace PrivacyProxy.LoadTests;

/// <summary>Runs one scenario; everything happens on loopback and ends by itself.</summary>
internal static class LoadTestProgram
{
    private static Task<int> Main(string[] args) =>
        new RootCommand("Load tests of PrivacyProxy: each scenario is bounded, runs on loopback and ends by itself.")
        {
            DurabilityCommand.Create(),
            SpendingCommand.Create(),
        }.Parse(args).InvokeAsync();
}
