using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Harness;

/// <summary>A twemproxy (Debian's nutcracker) of our own on loopback in front of memcacheds: a router as mcrouter is one.</summary>
internal sealed class TwemproxyProcess : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/nutcracker";

    private static readonly TimeSpan _startTimeout = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _directory;
    private readonly Process _process;

    private TwemproxyProcess(DirectoryInfo directory, Process process, int port) => (_directory, _process, Port) = (directory, process, port);

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <exception cref="IOException">It is not installed, or did not start.</exception>
    public static async Task<TwemproxyProcess> StartAsync(IEnumerable<string> backends)
    {
        if (!File.Exists(Executable)) throw new IOException($"{Executable} is not here: apt-get install nutcracker");
        var directory = Directory.CreateTempSubdirectory("privacy-proxy-router-");
        var port = FreePort.Next();
        var configuration = Path.Combine(directory.FullName, "nutcracker.yml");
        var servers = string.Concat(backends.Select(static backend => $"   - {backend}:1\n"));
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"pool:\n  listen: 127.0.0.1:{port}\n  hash: fnv1a_64\n  distribution: ketama\n  hash_tag: \":|\"\n  auto_eject_hosts: false\n  timeout: 400\n  servers:\n{servers}"));
        var process = Process.Start(new ProcessStartInfo(Executable,
            ["-c", configuration, "-o", Path.Combine(directory.FullName, "log"), "-p", Path.Combine(directory.FullName, "pid"), "-a", "127.0.0.1", "-s", FreePort.Next().ToString(CultureInfo.InvariantCulture)]))!;
        var router = new TwemproxyProcess(directory, process, port);
        var startedAt = Stopwatch.GetTimestamp();
        while (!await router.IsListeningAsync())
        {
            if (!process.HasExited && Stopwatch.GetElapsedTime(startedAt) < _startTimeout) continue;
            await router.DisposeAsync();
            throw new IOException($"{Executable} did not start.");
        }
        return router;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<bool> IsListeningAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            await Task.Delay(10);
            return false;
        }
    }
}
