namespace PrivacyProxy.FunctionalTests.Top.Watching;

/// <summary><c>top</c> on a terminal, which <c>script</c> from util-linux provides and writes down.</summary>
public sealed class TerminalTests
{
    // Runs $1 on a terminal, and once it has drawn what is always there, does $2.
    private const string Session = """
        {
          tries=0
          until grep -q 'DOUBLE-SPEND' "$3/seen" 2>/dev/null; do
            tries=$((tries + 1)); [ $tries -gt 600 ] && break
            sleep 0.1
          done
          eval "$2"
          # The end of the keyboard would be a key too.
          while [ $tries -lt 600 ] && kill -0 "$(cat "$3/pid")" 2>/dev/null; do
            tries=$((tries + 1))
            sleep 0.1
          done
        } | script --quiet --flush --return --command "echo \$\$ > $3/pid; exec $1" "$3/seen"
        """;

    [SkippableTheory]
    [InlineData("printf q")]
    [InlineData("printf '\\033'")]
    [InlineData("printf '\\003'")]
    [InlineData("kill -TERM $(cat $3/pid)")]
    [InlineData("kill -INT $(cat $3/pid)")]
    public async Task However_it_ends_the_terminal_is_as_before_and_the_exit_code_0(string end)
    {
        var (exitCode, seen) = await RunAsync(end, noColor: "");
        Assert.True(exitCode == 0, seen);
        Assert.Contains("\u001b[?1049h", seen, StringComparison.Ordinal);
        Assert.Contains("\u001b[?25l", seen, StringComparison.Ordinal);
        Assert.True(seen.LastIndexOf("\u001b[?25h", StringComparison.Ordinal) > seen.LastIndexOf("\u001b[?25l", StringComparison.Ordinal), "The cursor is still hidden.");
        Assert.True(seen.LastIndexOf("\u001b[?1049l", StringComparison.Ordinal) > seen.LastIndexOf("\u001b[H", StringComparison.Ordinal), "The screen is still the alternate one.");
        Assert.Matches("\u001b\\[(3[0-7]|9[0-7])m", seen);
    }

    [SkippableFact]
    public async Task With_NO_COLOR_the_screen_is_live_and_without_colour()
    {
        var (exitCode, seen) = await RunAsync("printf q", noColor: "1");
        Assert.Equal(0, exitCode);
        Assert.Contains("\u001b[H", seen, StringComparison.Ordinal);
        Assert.DoesNotMatch("\u001b\\[[0-9;]*(3[0-9]|4[0-9]|9[0-7])[0-9;]*m", seen);
    }

    private static async Task<(int ExitCode, string Seen)> RunAsync(string end, string noColor)
    {
        Skip.IfNot(File.Exists("/usr/bin/script"), "script of util-linux is not installed");
        await using var proxy = await FakeManagement.StartAsync(RecordedProxy.Later, FreePort.Next());
        using var directory = new TemporaryDirectory();
        var result = await ChildProcess.RunAsync(
            "/bin/sh",
            ["-c", Session, "sh", $"dotnet exec {Product.Assembly} top --management {proxy.Url}", end, directory.Path],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TERM"] = "xterm-256color", ["NO_COLOR"] = noColor });
        return (result.ExitCode, await File.ReadAllTextAsync(directory.File("seen")));
    }
}
