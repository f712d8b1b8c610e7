namespace PrivacyProxy.FunctionalTests.Commands;

/// <summary>The status line of <c>relay</c> on a terminal, which <c>script</c> from util-linux provides and writes down.</summary>
public sealed class RelayTerminalTests
{
    // Runs $1 on a terminal; once its status line is there, asks it for a tunnel; once that has failed on the line too, ends it.
    private const string Session = """
        until_seen() {
          tries=0
          until grep -q "$1" "$2/seen" 2>/dev/null; do
            tries=$((tries + 1)); [ $tries -gt 600 ] && break
            sleep 0.1
          done
        }
        {
          until_seen ' tunnels | ' "$3"
          curl --silent --max-time 60 --proxy "socks5h://127.0.0.1:$2" https://secret-origin.example/
          until_seen 'cannot be reached' "$3"
          kill -TERM "$(cat "$3/pid")"
          while kill -0 "$(cat "$3/pid")" 2>/dev/null; do sleep 0.1; done
        } | script --quiet --flush --return --command "echo \$\$ > $3/pid; exec $1" "$3/seen"
        """;

    [SkippableFact]
    public async Task It_tells_of_tunnels_hops_and_the_last_refusal_names_no_destination_and_is_gone_in_the_end()
    {
        Skip.IfNot(File.Exists("/usr/bin/script"), "script of util-linux is not installed");
        using var directory = new TemporaryDirectory();
        var (port, gone) = (FreePort.Next(), FreePort.Next());
        var result = await ChildProcess.RunAsync(
            "/bin/sh",
            ["-c", Session, "sh", $"dotnet exec {Product.Assembly} relay --listen 127.0.0.1:{port} --psk a-key-of-the-relay --upstream http1 --proxy http://127.0.0.1:{gone}", $"{port}", directory.Path],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["TERM"] = "xterm-256color" });
        var seen = await File.ReadAllTextAsync(directory.File("seen"));
        Assert.True(result.ExitCode == 0, seen);
        Assert.Contains($"\r\u001b[K0 tunnels | 127.0.0.1:{gone}", seen, StringComparison.Ordinal);
        Assert.Matches($"0 tunnels \\| 127\\.0\\.0\\.1:{gone} \\| [0-9:]{{8}} The proxy cannot be reached\\.", seen);
        Assert.DoesNotContain("secret-origin", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("a-key-of-the-relay", seen.Split("ready ", 2)[1], StringComparison.Ordinal);
        var end = seen.LastIndexOf("\r\u001b[K", StringComparison.Ordinal);
        Assert.DoesNotContain("tunnels", seen[end..], StringComparison.Ordinal);
    }
}
