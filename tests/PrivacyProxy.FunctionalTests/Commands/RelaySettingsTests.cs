using System.CommandLine;
using PrivacyProxy.Commands;

namespace PrivacyProxy.FunctionalTests.Commands;

/// <summary><c>relay settings</c>, given to what reads them: node stands for a browser, gsettings is GNOME's own, and macOS' program is recorded.</summary>
public sealed class RelaySettingsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("127.0.0.1:1081", "SOCKS5 127.0.0.1:1081; PROXY 127.0.0.1:1081")]
    [InlineData("localhost:1081", "SOCKS5 127.0.0.1:1081; PROXY 127.0.0.1:1081")]
    [InlineData("0.0.0.0:1081", "SOCKS5 127.0.0.1:1081; PROXY 127.0.0.1:1081")]
    [InlineData("[::1]:1081", "SOCKS5 [::1]:1081; PROXY [::1]:1081")]
    public async Task A_browser_that_reads_the_file_goes_through_the_relay_and_never_past_it(string listen, string expected)
    {
        Skip.IfNot(File.Exists("/usr/bin/node"), "node is not installed");
        const string Browser = "console.log(['http://a.example/', 'https://192.0.2.1/', 'http://localhost/', 'http://[::1]:8/'].map(url => FindProxyForURL(url, new URL(url).hostname)).join('|'))";
        var result = await ChildProcess.RunAsync("node", ["-e", await PrintAsync("pac", "--listen", listen) + Browser]);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal($"{expected}|{expected}|DIRECT|DIRECT", result.Output.TrimEnd());
    }

    [SkippableFact]
    public async Task GNOME_takes_the_commands_as_they_are_printed()
    {
        Skip.IfNot(File.Exists("/usr/bin/gsettings") && Directory.Exists("/usr/share/glib-2.0/schemas") && File.Exists("/usr/share/glib-2.0/schemas/org.gnome.system.proxy.gschema.xml"), "gsettings with the schemas of a desktop is not installed");
        var script = await PrintAsync("gsettings", "--listen", "127.0.0.1:1081") + """
            for key in 'proxy mode' 'proxy.socks host' 'proxy.socks port' 'proxy.http host' 'proxy.https port'; do gsettings get org.gnome.system.$key; done
            """;
        var result = await ChildProcess.RunAsync("/bin/sh", ["-e", "-c", script], new Dictionary<string, string>(StringComparer.Ordinal) { ["GSETTINGS_BACKEND"] = "keyfile", ["XDG_CONFIG_HOME"] = _directory.Path, ["HOME"] = _directory.Path });
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(["'manual'", "'127.0.0.1'", "1081", "'127.0.0.1'", "1081"], result.OutputLines);
    }

    [Fact]
    public async Task MacOS_would_be_told_for_each_service_that_is_on()
    {
        await File.WriteAllTextAsync(_directory.File("networksetup"), """
            #!/bin/sh
            if [ "$1" = -listallnetworkservices ]; then printf 'An asterisk (*) denotes that a network service is disabled.\nWi-Fi\n*Thunderbolt Bridge\nUSB 10/100 LAN\n'
            else echo "$@"; fi
            """);
        File.SetUnixFileMode(_directory.File("networksetup"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var result = await ChildProcess.RunAsync("/bin/sh", ["-e", "-c", await PrintAsync("networksetup", "--listen", "127.0.0.1:1081")], new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = $"{_directory.Path}:{Environment.GetEnvironmentVariable("PATH")}" });
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(
            from service in new[] { "Wi-Fi", "USB 10/100 LAN" }
            from kind in new[] { "socksfirewallproxy", "webproxy", "securewebproxy" }
            select $"-set{kind} {service} 127.0.0.1 1081",
            result.OutputLines);
    }

    [Fact]
    public async Task An_address_that_is_none_is_named()
    {
        var errors = new StringWriter();
        Assert.Equal(1, await RunAsync(["relay", "settings", "pac", "--listen", "nowhere"], new StringWriter(), errors));
        Assert.StartsWith("--listen is \"nowhere\": expected an address and port such as 127.0.0.1:1080", errors.ToString(), StringComparison.Ordinal);
    }

    private static async Task<string> PrintAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        Assert.True(await RunAsync(["relay", "settings", .. arguments], output, errors) == 0, errors.ToString());
        return output.ToString();
    }

    private static Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors) =>
        RootCommandFactory.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
}
