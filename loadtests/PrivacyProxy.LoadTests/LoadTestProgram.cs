using System.CommandLine;

namespace PrivacyProxy.LoadTests;

/// <summary>Runs one scenario; everything happens on loopback and ends by itself.</summary>
internal static class LoadTestProgram
{
    private static Task<int> Main(string[] args) =>
        new RootCommand("Load tests of PrivacyProxy: each scenario is bounded, runs on loopback and ends by itself.").Parse(args).InvokeAsync();
}
