using System.Diagnostics;
using System.Text.RegularExpressions;
using PrivacyProxy.Commands.Demo;

namespace PrivacyProxy.FunctionalTests.Demo;

public sealed class DemoCommandTests
{
    [Fact]
    public async Task Once_walks_every_step_and_exits_0()
    {
        var (exitCode, output) = await RunAsync("demo", "--once");
        Assert.True(exitCode == 0, output);
        Assert.Contains("CONNECT without a token: the proxy challenges", output);
        Assert.Contains("CONNECT with a token: redeemed, tunnel opened", output);
        Assert.Contains("The same token again: replay refused", output);
        Assert.Contains("200, ", output);
        Assert.DoesNotContain("FAILED", output);
    }

    [Fact]
    public async Task Piped_output_has_no_escape_sequences_and_fits_80_columns()
    {
        var (_, output) = await RunAsync("demo", "--once");
        Assert.DoesNotContain('\x1b', output);
        Assert.All(output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        Assert.Matches(new Regex(@" \d+\.\d ms  ok\n"), output);
    }

    [Theory]
    [InlineData("issuer", "Tokens: ")]
    [InlineData("origin", "CONNECT with a token")]
    [InlineData("proxy", "CONNECT without a token")]
    public async Task With_a_part_broken_it_exits_1_and_names_the_step_that_failed(string part, string step)
    {
        var (exitCode, output) = await RunAsync("demo", "--once", "--break", part);
        Assert.Equal(1, exitCode);
        Assert.Contains(step, output.Split('\n').Single(line => line.Contains("FAILED", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_url_that_is_none_is_refused()
    {
        var (exitCode, output) = await RunAsync("demo", "not-a-url", "--once");
        Assert.Equal(1, exitCode);
        Assert.Contains("'not-a-url' is not a URL", output);
    }

    [Fact]
    public async Task Without_once_it_prints_lines_to_try_and_ends_with_0_on_SIGTERM_leaving_no_files()
    {
        using var process = Start("demo");
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = "";
        while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            output += line + "\n";
            if (output.Contains("chromium", StringComparison.Ordinal) && line.StartsWith("    https://127.0.0.1:", StringComparison.Ordinal)) break;
        }

        var authority = Regex.Match(output, @"--cacert (\S+)").Groups[1].Value;
        Assert.True(File.Exists(authority), output);
        // The shell's own kill: no package provides /bin/kill everywhere.
        using (var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {process.Id}"])) await kill.WaitForExitAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        Assert.Equal(0, process.ExitCode);
        Assert.False(File.Exists(authority));
    }

    /// <summary>As a child process: standard output is a pipe, and nothing else shares the process's metrics or console.</summary>
    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var errors = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, (await output + await errors).ReplaceLineEndings("\n"));
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(DemoCommand).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["TERM"] = "xterm-256color" },
        })!;
}
