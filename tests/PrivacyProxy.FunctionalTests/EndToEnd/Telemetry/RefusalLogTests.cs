using System.Diagnostics;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Telemetry;

/// <summary>The log's one line for each refused request.</summary>
public sealed class RefusalLogTests
{
    private const string Refused = "Refused with";

    private static readonly ProxyVersion[] _versions = [ProxyVersion.Http1, ProxyVersion.Http1Tls, ProxyVersion.Http2, ProxyVersion.Http2Tls];

    [Fact]
    public async Task Each_refused_request_is_one_line_at_Debug_and_an_accepted_one_is_none()
    {
        await using var dns = new DnsServer();
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await StartAsync(dns, ("Logging__LogLevel__PrivacyProxy", "Debug"), ("PrivacyProxy__Telemetry__Traces__Ratio", "1"));
        await AskAsync(proxy, origin);
        using var management = new HttpClient();
        var traces = await management.GetStringAsync(new Uri(proxy.Management, "/traces"));
        Assert.Equal(0, await proxy.TerminateAsync());

        var lines = proxy.Errors.Split('\n').Where(static line => line.Contains(Refused, StringComparison.Ordinal)).ToList();
        Assert.All(lines, static line => Assert.StartsWith("dbug: ", line, StringComparison.Ordinal));
        foreach (var (protocol, count) in new[] { ("http1", 2), ("http2", 2) })
        {
            Assert.Equal(count, Count(lines, $"407: redemption missing, error http_request_denied, protocol {protocol}, kind connect,"));
            Assert.Equal(count, Count(lines, $"407: redemption wrong_preshared_key, error http_request_denied, protocol {protocol}, kind connect,"));
            Assert.Equal(count, Count(lines, $"400: redemption none, error http_request_error, protocol {protocol}, kind none,"));
            Assert.Equal(count, Count(lines, $"502: redemption preshared_accepted, error dns_error, protocol {protocol}, kind connect,"));
        }

        Assert.Equal(4 * _versions.Length, lines.Count);
        var ids = lines.Select(static line => Regex.Match(line, "trace ([0-9a-f]{32})\\.").Groups[1].Value).ToList();
        Assert.Equal(lines.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, id => Assert.Contains(id, traces, StringComparison.Ordinal));
    }

    [Fact]
    public async Task By_default_a_refused_request_is_not_logged()
    {
        await using var dns = new DnsServer();
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await StartAsync(dns);
        await AskAsync(proxy, origin);
        Assert.Equal(0, await proxy.TerminateAsync());
        Assert.DoesNotContain(Refused, proxy.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_request_whose_trace_is_not_kept_says_so()
    {
        await using var dns = new DnsServer();
        await using var proxy = await StartAsync(dns, ("Logging__LogLevel__PrivacyProxy", "Debug"), ("PrivacyProxy__Telemetry__Traces__Enabled", "false"));
        Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, "127.0.0.1:443")).Status);
        await proxy.WaitForErrorsAsync("trace none.");
    }

    [Fact]
    public async Task A_standard_error_that_nobody_reads_stops_no_request()
    {
        // More lines than a pipe and the logger's queue hold together.
        const int Requests = 4000;
        var start = new ProcessStartInfo("dotnet", ["exec", Product.Assembly, "serve", "--urls", "http://127.0.0.1:0", "--management", "none", "--psk", "k"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Logging__LogLevel__PrivacyProxy"] = "Debug";
        using var proxy = Process.Start(start)!;
        try
        {
            var ready = await proxy.StandardOutput.ReadLineAsync().WaitAsync(ChildProcess.Patience);
            for (var sent = 0; sent < Requests;)
            {
                // Few on each connection: one without an accepted credential is served no more of them as fast as they come.
                await using var client = await Http2Probe.ConnectAsync(new Uri(ready!["ready ".Length..]));
                for (var i = 0; i < 30; i++, sent++)
                {
                    var stream = await client.ConnectAsync("127.0.0.1:443");
                    Assert.Equal(407, (await stream.ReadHeadAsync()).Status);
                    await stream.HalfCloseAsync();
                }
            }
        }
        finally
        {
            proxy.Kill(entireProcessTree: true);
            await proxy.WaitForExitAsync();
        }
    }

    private static int Count(IEnumerable<string> lines, string part) => lines.Count(line => line.Contains($"{Refused} {part}", StringComparison.Ordinal));

    /// <summary>On each version one tunnel and four refusals.</summary>
    private static async Task AskAsync(ProxyProcess proxy, TcpOrigin origin)
    {
        var paid = Credentials.Field(ProductFixture.Preshared);
        foreach (var version in _versions)
        {
            Assert.Equal(200, (await TunnelProbe.AnswerAsync(proxy, version, origin.Authority, paid)).Status);
            Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, version, origin.Authority)).Status);
            Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, version, origin.Authority, Credentials.Field(Credentials.Preshared("wrong")))).Status);
            Assert.Equal(400, (await TunnelProbe.AnswerAsync(proxy, version, "127.0.0.1:0443", paid)).Status);
            Assert.Equal(502, (await TunnelProbe.AnswerAsync(proxy, version, "failing.example.com:443", paid)).Status);
        }
    }

    private static Task<ProxyProcess> StartAsync(DnsServer dns, params (string Key, string Value)[] settings) => ProxyProcess.StartAsync(
        ["--psk", ProductFixture.PresharedKey, "--allow-private", "--allow-ports", "any"],
        new Dictionary<string, string>(settings.Select(static setting => KeyValuePair.Create(setting.Key, setting.Value)), StringComparer.Ordinal)
        {
            ["PrivacyProxy__Egress__Resolver__Servers"] = dns.Address,
        });
}
