using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Balancers;

/// <summary>The PROXY protocol, from haproxy and by hand, on both engines, in cleartext and before TLS.</summary>
public sealed class ProxyProtocolTests
{
    private const string Key = "a-key-behind-a-balancer";
    private const string Haproxy = "/usr/sbin/haproxy";

    private static readonly IPAddress _balancer = IPAddress.Parse("127.0.0.4");
    private static readonly IPAddress _client = IPAddress.Parse("127.0.0.9");

    [SkippableTheory]
    [InlineData("Native")]
    [InlineData("Kestrel")]
    public async Task Behind_haproxy_tunnels_open_and_clients_have_their_own_addresses(string engine)
    {
        Skip.IfNot(File.Exists(Haproxy), "haproxy is not installed");
        await using var site = await WebOrigin.StartAsync();
        await using var proxy = await StartAsync(engine);
        using var directory = new TemporaryDirectory();
        int[] ports = [FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next()];
        await File.WriteAllTextAsync(directory.File("haproxy.cfg"), string.Join('\n',
        [
            "defaults", "  mode tcp", "  timeout connect 10s", "  timeout client 90s", "  timeout server 90s",
            Listen("one", ports[0], proxy.Plain.Port, "send-proxy"), Listen("two", ports[1], proxy.Plain.Port, "send-proxy-v2"),
            Listen("three", ports[2], proxy.Tls.Port, "send-proxy"), Listen("four", ports[3], proxy.Tls.Port, "send-proxy-v2"), "",
        ]));
        await using var haproxy = ChildProcess.Start(Haproxy, "-db", "-f", directory.File("haproxy.cfg"));
        foreach (var port in ports) await WaitForAsync(port, haproxy);
        for (var i = 0; i < ports.Length; i++)
        {
            var url = new Uri(i < 2 ? $"http://127.0.0.1:{ports[i]}" : $"https://127.0.0.1:{ports[i]}");
            var result = await Curl.System.RunAsync("--proxy", url.ToString(), "--proxy-cacert", proxy.CaFile, "--proxytunnel", "--proxy-header", $"Proxy-Authorization: Preshared {Key}", site.Plain.ToString());
            Assert.True(result.ExitCode == 0, result.Errors);
            Assert.Equal(WebOrigin.Page, result.Text);

            // Who is refused is written down here, by a setting for developers: by the address that the balancer gave.
            await using var probe = await HttpProbe.ConnectAsync(url, proxy.CaFile, _client);
            await probe.SendAsync(HttpProbe.ConnectHead($"refused-{i}.example:443"));
            Assert.Equal(407, (await probe.ReadHeadAsync()).Status);
            await proxy.WaitForErrorsAsync($"client {_client}, destination refused-{i}.example:443");
        }

        Assert.DoesNotContain($"client {_balancer}", proxy.Log, StringComparison.Ordinal);

        static string Listen(string name, int port, int to, string send) => $"listen {name}\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{to} {send} source {_balancer}";
    }

    [Theory]
    [InlineData("Native")]
    [InlineData("Kestrel")]
    public async Task Without_a_good_header_of_a_listed_balancer_a_connection_is_closed_without_an_answer(string engine)
    {
        await using var proxy = await StartAsync(engine, ("PrivacyProxy__Tunnels__RequestHeadTimeout", "00:00:01"));
        var request = HttpProbe.ConnectHead("site.example:443", $"Proxy-Authorization: Preshared {Key}");
        const string Header = "PROXY TCP4 198.51.100.1 203.0.113.2 5 443\r\n";
        foreach (var (from, sent, half) in new[]
        {
            (IPAddress.Loopback, Header + request, false), // a stranger with a good header
            (_balancer, request, false), // no header
            (_balancer, "PROXY TCP4 198.51.100.1 203.0.113.2 5 99999\r\n" + request, false),
            (_balancer, "PROXY UNKNOWN " + new string('x', 200) + "\r\n" + request, false), // too long
            (_balancer, "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00ff\u00ff" + request, false), // too long
            (_balancer, "PROXY TCP4 198.51", true), // cut by an end
            (_balancer, "PROXY TCP4 198.51", false), // cut by silence
            (_balancer, "", false), // silence alone
        })
        {
            foreach (var port in new[] { proxy.Plain.Port, proxy.Tls.Port })
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync("127.0.0.1", port);
                using var deadline = new CancellationTokenSource(ChildProcess.Patience);
                try
                {
                    if (sent.Length > 0) await socket.SendAsync(Encoding.Latin1.GetBytes(sent), deadline.Token);
                    if (half) socket.Shutdown(SocketShutdown.Send);
                    Assert.Equal(0, await socket.ReceiveAsync(new byte[100], deadline.Token));
                }
                catch (SocketException)
                {
                    // A RST says the same, where bytes were left unread.
                }
            }
        }

        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri(proxy.Management, "/metrics"));
        Assert.Contains("privacy_proxy_balancer_connections_refused_total{reason=\"stranger\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_balancer_connections_refused_total{reason=\"malformed\"} 8\n", metrics, StringComparison.Ordinal);
        Assert.Contains("privacy_proxy_balancer_connections_refused_total{reason=\"incomplete\"} 6\n", metrics, StringComparison.Ordinal);
    }

    private static Task<ProxyProcess> StartAsync(string engine, params (string Key, string Value)[] more)
    {
        var settings = more.ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);
        settings["PrivacyProxy__Listeners__Engine"] = engine;
        settings["PrivacyProxy__Listeners__Balancers"] = $"{_balancer},10.0.0.0/8";
        settings["PrivacyProxy__Telemetry__Debug__IncludeDestinations"] = "true";
        settings["Logging__LogLevel__PrivacyProxy"] = "Debug";
        return ProxyProcess.StartAsync(["--psk", Key, "--allow-private", "--allow-ports", "any"], settings);
    }

    private static async Task WaitForAsync(int port, ChildProcess program)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port, deadline.Token);
                return;
            }
            catch (SocketException) when (!program.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
            }
        }
    }
}
