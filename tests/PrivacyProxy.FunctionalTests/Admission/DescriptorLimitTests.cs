using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.FunctionalTests.Admission;

/// <summary>The built program with few descriptors, and more connections of strangers than it can have.</summary>
public sealed class DescriptorLimitTests : IDisposable
{
    private const int Limit = 400;

    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData("serve", "http")]
    [InlineData("serve", "https")]
    [InlineData("serve", "http", "Native")]
    [InlineData("serve", "https", "Native")]
    [InlineData("issuer", "http")]
    [InlineData("issuer", "https")]
    [InlineData("relay", "http")]
    public async Task Twice_as_many_connections_as_descriptors_end_nothing(string command, string scheme, string? engine = null)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "ulimit is asked of a Linux shell.");
        string[] arguments = command == "serve"
            ? [command, "--urls", $"{scheme}://127.0.0.1:0", "--management", "none", "--psk", "kkkkkkkkkkkkkkkkkkkk", "--allow-private", "--allow-ports", "any", "--data", _folder]
            : command == "relay"
            ? [command, "--listen", "127.0.0.1:0", "--proxy", "https://127.0.0.1:1", "--psk", "kkkkkkkkkkkkkkkkkkkk"]
            : [command, "--urls", $"{scheme}://127.0.0.1:0", "--data", _folder, "--token-types", "1"];
        if (engine is not null)
        {
            var config = Path.Combine(_folder, "engine.json");
            await File.WriteAllTextAsync(config, $$"""{ "PrivacyProxy": { "Listeners": { "Engine": "{{engine}}" } } }""");
            arguments = [.. arguments, "--config", config];
        }

        await using var process = ChildProcess.StartProductWithDescriptors(Limit, arguments, _folder);
        var url = (await process.WaitUntilReadyAsync())[0];
        // The relay knows no such path of its own; the others have none either.
        var expected = command == "relay" ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound;
        var server = new IPEndPoint(IPAddress.Loopback, url.Port);
        using var origin = new TestOrigin();
        using var tunnel = command == "serve" && scheme == "http" ? await OpenTunnelAsync(server, origin) : null;
        using var far = tunnel is null ? null : await origin.AcceptAsync();

        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < 2 * Limit; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                held.Add(socket);
                try
                {
                    socket.Connect(server);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // Accepted in its time.
                }
            }

            if (tunnel is not null)
            {
                await far!.SendAsync("hello"u8.ToArray());
                var bytes = new byte[5];
                Assert.Equal(5, await tunnel.ReceiveAsync(bytes).WaitAsync(TestTimes.Limit));
            }

            // Those that came last have pushed out the first; the listen queue is empty once one more is served.
            await AskAsync(server, scheme, expected);
        }
        finally
        {
            foreach (var socket in held) socket.Dispose();
        }

        await AskAsync(server, scheme, expected);
        // It would be drained.
        tunnel?.Dispose();
        far?.Dispose();
        var exitCode = await process.TerminateAsync();
        Assert.True(exitCode == 0, $"exit code {exitCode}; {process.Errors.Text}");
        Assert.DoesNotContain("Out of memory", process.Errors.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", process.Errors.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("crit:", process.Errors.Text, StringComparison.Ordinal);
    }

    private static async Task<Socket> OpenTunnelAsync(IPEndPoint proxy, TestOrigin origin)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"CONNECT 127.0.0.1:{origin.Port} HTTP/1.1\r\nHost: 127.0.0.1:{origin.Port}\r\nProxy-Authorization: Preshared kkkkkkkkkkkkkkkkkkkk\r\n\r\n"));
        var answer = new byte[4096];
        var count = await socket.ReceiveAsync(answer).WaitAsync(TestTimes.Limit);
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer, 0, count), StringComparison.Ordinal);
        return socket;
    }

    /// <summary>One more client is answered; one that was closed to make room tries again, as clients do.</summary>
    private static async Task AskAsync(IPEndPoint server, string scheme, HttpStatusCode expected)
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var client = new HttpClient(handler) { Timeout = TestTimes.Limit };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"{scheme}://127.0.0.1:{server.Port}/nothing-here"));
                Assert.Equal(expected, answer.StatusCode);
                return;
            }
            catch (HttpRequestException) when (attempt < 20)
            {
                await Task.Delay(250);
            }
        }
    }
}
