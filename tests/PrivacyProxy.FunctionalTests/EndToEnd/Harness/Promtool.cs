using System.Diagnostics;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Prometheus' own checker.</summary>
internal static class Promtool
{
    private const string Program = "/usr/bin/promtool";

    /// <summary>Fails with what it says unless it finds nothing wrong; skips the test by name where it is absent.</summary>
    /// <param name="arguments">What to check.</param>
    /// <param name="input">Its standard input, where it reads that.</param>
    public static async Task AcceptsAsync(string[] arguments, string input = "")
    {
        var (exitCode, output) = await RunAsync(arguments, input);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>What it says of metrics, one complaint a line; skips the test by name where it is absent.</summary>
    public static async Task<IReadOnlyList<string>> ComplaintsAsync(string metrics) =>
        (await RunAsync(["check", "metrics"], metrics)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, string input)
    {
        Skip.IfNot(File.Exists(Program), "promtool is not installed");
        using var process = Process.Start(new ProcessStartInfo(Program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
