using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

/// <summary>A memcached of the test's own, on a free port or a unix socket.</summary>
internal sealed class MemcachedProcess : IAsyncDisposable
{
    private const string Executable = "/usr/bin/memcached";

    private readonly Process _process;

    private MemcachedProcess(Process process, string address) => (_process, Address) = (process, address);

    public static bool IsInstalled => File.Exists(Executable);

    /// <summary>host:port, or unix:/path.</summary>
    public string Address { get; }

    public static async Task<MemcachedProcess> StartAsync(params string[] arguments)
    {
        for (var attempt = 0; ; attempt++)
        {
            var port = FreePort();
            var process = Start(["-l", "127.0.0.1", "-p", $"{port}", "-U", "0", .. arguments]);
            if (await AnswersAsync(process, () => new TcpClient("127.0.0.1", port).Dispose())) return new MemcachedProcess(process, $"127.0.0.1:{port}");
            // Another test may have taken the port in between.
            if (attempt == 5) throw new InvalidOperationException("memcached does not start.");
        }
    }

    public static async Task<MemcachedProcess> StartUnixAsync(string path)
    {
        var process = Start(["-s", path]);
        var answers = await AnswersAsync(process, () =>
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
        });
        return answers ? new MemcachedProcess(process, "unix:" + path) : throw new InvalidOperationException("memcached does not start.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string[] arguments) =>
        Process.Start(new ProcessStartInfo(Executable, ["-u", Environment.UserName, "-m", "64", "-t", "2", .. arguments]) { RedirectStandardError = true, UseShellExecute = false })!;

    private static async Task<bool> AnswersAsync(Process process, Action connect)
    {
        while (!process.HasExited)
        {
            try
            {
                connect();
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(10);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
