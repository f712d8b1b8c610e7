using System.Diagnostics;

namespace PrivacyProxy.Tests.EndToEnd.Harness;

/// <summary>Prometheus' own checker.</summary>
internal static class Promtool
{
    private const string Program = "/usr/bin/promtool";

    /// <summary>Fails with what it says unless it finds nothing wrong; skips the test by name where it is absent.</summary>
    /// <param name="arguments">What to check.</param>
    /// <param name="input">Its standard input, where it reads that.</param>
    public static async Task AcceptsAsync(string[] arguments, string input = "")
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
        Assert.True(process.ExitCode == 0, await output + await errors);
    }
}
