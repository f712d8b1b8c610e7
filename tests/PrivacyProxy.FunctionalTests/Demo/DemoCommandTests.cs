using System.Text.RegularExpressions;

namespace PrivacyProxy.FunctionalTests.Demo;

public sealed class DemoCommandTests
{
    private static readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["TERM"] = "xterm-256color" };

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
        await using var demo = ChildProcess.StartProduct(["demo"], _environment);
        await demo.WaitForOutputAsync(static line => line.Contains("chromium", StringComparison.Ordinal));
        // The last of the lines to try, which stands below.
        await demo.WaitForOutputAsync(static line => line.StartsWith("    https://127.0.0.1:", StringComparison.Ordinal));
        var authority = Regex.Match(demo.Output.Text, @"--cacert (\S+)").Groups[1].Value;
        Assert.True(File.Exists(authority), demo.Output.Text);
        Assert.Equal(0, await demo.TerminateAsync());
        Assert.False(File.Exists(authority));
    }

    /// <summary>As a child process: standard output is a pipe, and nothing else shares the process's metrics or console.</summary>
    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var result = await ChildProcess.RunProductAsync(arguments, _environment);
        return (result.ExitCode, result.Output + "\n" + result.Errors);
    }
}
