using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Tunneling.SslStreams;
using Xunit.Abstractions;

namespace PrivacyProxy.FunctionalTests.Admission;

/// <summary>What connections to the event loops of the built program leave behind, most of which end rudely. More of them by hand: LEFTOVER_CONNECTIONS=100000.</summary>
public sealed class LeftoverTests(ITestOutputHelper output)
{
    private const string Key = "kkkkkkkkkkkkkkkkkkkk";
    private const int Kinds = 9;

    private static readonly int _connections = int.Parse(Environment.GetEnvironmentVariable("LEFTOVER_CONNECTIONS") ?? "2000", CultureInfo.InvariantCulture);

    [SkippableFact]
    public async Task Connections_leave_no_descriptor_and_no_memory_behind()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/proc is Linux'.");
        using var origin = new TcpListener(IPAddress.Loopback, 0);
        origin.Start(1024);
        _ = EchoAsync(origin);
        var authority = $"127.0.0.1:{((IPEndPoint)origin.LocalEndpoint).Port}";
        await using var proxy = await ProxyProcess.StartAsync(
            ["--psk", Key, "--allow-private", "--allow-ports", "any"],
            // A heap that does not grow because there is room: what is left over shows.
            new Dictionary<string, string> { ["PrivacyProxy__Listeners__Engine"] = "Native", ["DOTNET_gcServer"] = "0", ["DOTNET_GCgen0size"] = "400000" });
        await OpenAndCloseAsync(proxy, authority, _connections / 4);
        var (sockets, memory) = (Sockets(proxy), await QuietMemoryAsync(proxy));
        await OpenAndCloseAsync(proxy, authority, _connections);
        await TestTimes.UntilAsync(() => Sockets(proxy) <= sockets);
        var growth = await QuietMemoryAsync(proxy) - memory;
        output.WriteLine($"{_connections} connections: {sockets} sockets before and {Sockets(proxy)} after, {growth / 1024.0 / _connections:F2} KiB of memory more for each");
        // A TLS session that was forgotten has 13 KiB.
        Assert.InRange(growth, long.MinValue, Math.Min(6L * 1024 * _connections, 12 * 1024 * 1024) + (4 * 1024 * 1024));
        Assert.DoesNotContain("fail:", proxy.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await proxy.TerminateAsync());
    }

    private static int Sockets(ProxyProcess proxy) =>
        new DirectoryInfo($"/proc/{proxy.Id}/fd").GetFiles().Count(static file => file.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>What it holds once it has done what it had to.</summary>
    private static async Task<long> QuietMemoryAsync(ProxyProcess proxy)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 4; i++)
        {
            await Task.Delay(250);
            var line = File.ReadLines($"/proc/{proxy.Id}/status").Single(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            least = Math.Min(least, 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture));
        }

        return least;
    }

    private static async Task OpenAndCloseAsync(ProxyProcess proxy, string authority, int count)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i <= count; i = Interlocked.Increment(ref next))
            {
                try
                {
                    await OpenAndCloseAsync(i % 4 == 0 ? proxy.Plain : proxy.Tls, authority, i % Kinds).WaitAsync(TestTimes.Limit);
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    // Who is rude is treated so.
                }
            }
        }));
    }

    private static async Task OpenAndCloseAsync(Uri proxy, string authority, int kind)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port);
        // Most go with a RST.
        if (kind is not (0 or 3)) socket.LingerState = new LingerOption(true, 0);
        switch (kind)
        {
            case 0 or 1 or 2:
                await using (var tunnel = await StreamAsync(socket, proxy))
                {
                    await AskAsync(tunnel, $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nProxy-Authorization: Preshared {Key}\r\n\r\n", "200");
                    await tunnel.WriteAsync(new byte[20_000]);
                    if (kind == 2) return;
                    await tunnel.ReadExactlyAsync(new byte[20_000]);
                    if (kind == 0 && tunnel is SslStream tls) await tls.ShutdownAsync();
                }

                break;
            case 3:
                return;
            case 4:
                await socket.SendAsync(new byte[] { 22, 3, 1, 2, 0, 1, 0 });
                return;
            case 5:
                await using (var refused = await StreamAsync(socket, proxy)) await AskAsync(refused, $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n", "407");
                break;
            case 6:
                await using (await StreamAsync(socket, proxy)) return;
            case 7:
                await using (var cleartext = new NetworkStream(socket)) await AskAsync(cleartext, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", proxy.Scheme == "https" ? "400" : "404");
                break;
            default:
                await using (var handed = await StreamAsync(socket, proxy)) await AskAsync(handed, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "404");
                break;
        }
    }

    private static async Task<Stream> StreamAsync(Socket socket, Uri proxy)
    {
        var stream = new NetworkStream(socket);
        if (proxy.Scheme == "http") return stream;
        var tls = new HalfClosingSslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = static (_, _, _, _) => true });
        return tls;
    }

    private static async Task AskAsync(Stream stream, string request, string status)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        var head = new byte[8192];
        var count = 0;
        // What follows the head of a 200 comes only when it is asked for.
        while (!Encoding.ASCII.GetString(head, 0, count).Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(head.AsMemory(count));
            if (read == 0) throw new EndOfStreamException();
            count += read;
        }

        Assert.StartsWith($"HTTP/1.1 {status} ", Encoding.ASCII.GetString(head, 0, count), StringComparison.Ordinal);
    }

    private static async Task EchoAsync(TcpListener origin)
    {
        try
        {
            while (true) _ = EchoAsync(await origin.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        try
        {
            using (socket)
            {
                var bytes = new byte[4096];
                for (var count = await socket.ReceiveAsync(bytes); count > 0; count = await socket.ReceiveAsync(bytes)) await socket.SendAsync(bytes.AsMemory(0, count));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset, as many are.
        }
    }
}
