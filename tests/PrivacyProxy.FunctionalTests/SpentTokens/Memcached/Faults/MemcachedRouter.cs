using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyProxy.FunctionalTests.Documents;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>A router over plain memcacheds, run with a configuration of our own: the proxy that newer memcacheds have built in, or twemproxy.</summary>
internal sealed class MemcachedRouter : IAsyncDisposable
{
    /// <summary>The page that says how routers are set up, and the beginnings of the blocks.</summary>
    internal const string Page = "docs/spent-tokens.md";
    internal const string Lua = "function mcp_config_pools()";
    internal const string Yaml = "tokens:\n  listen:";

    private const int PortAttempts = 5;
    private const string Twemproxy = "/usr/sbin/nutcracker";

    private readonly TemporaryDirectory _directory;
    private readonly ProcessStartInfo _start;
    private Process _process;
    private readonly int _port;

    private MemcachedRouter(TemporaryDirectory directory, ProcessStartInfo start, int port) => (_directory, _start, _process, _port) = (directory, start, Process.Start(start)!, port);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <summary>Skips the test by name where the program is not to be had.</summary>
    public static void SkipWhereMissing(RouterKind kind)
    {
        if (IsTwemproxy(kind)) Skip.IfNot(File.Exists(Twemproxy), "nutcracker (twemproxy) is not installed");
        else SidProgram.Require(Program(kind));
    }

    public static async Task<MemcachedRouter> StartAsync(RouterKind kind, IEnumerable<int> backends)
    {
        SkipWhereMissing(kind);
        var ports = backends.ToList();
        for (var attempt = 1; ; attempt++)
        {
            var directory = new TemporaryDirectory();
            var port = FreePort.Next();
            var start = IsTwemproxy(kind) ? await TwemproxyAsync(directory, port, ports, kind == RouterKind.Twemproxy) : await MemcachedAsync(Program(kind), directory, port, ports);
            var router = new MemcachedRouter(directory, start, port);
            if (await router.AnswersAsync()) return router;
            // Somebody took the port between finding and binding it.
            await router.DisposeAsync();
            if (attempt == PortAttempts) throw new IOException($"{start.FileName} does not start.");
        }
    }

    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts it again where it was.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        _process.Dispose();
        _process = Process.Start(_start)!;
        Assert.True(await AnswersAsync(), "It does not start again.");
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        while (!_process.HasExited && !patience.IsCancellationRequested)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _port, patience.Token);
                await client.GetStream().WriteAsync("version\r\n"u8.ToArray(), patience.Token);
                using var replies = new StreamReader(client.GetStream(), Encoding.ASCII);
                if (await replies.ReadLineAsync(patience.Token) is { } line && line.StartsWith("VERSION ", StringComparison.Ordinal)) return true;
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }

        return false;
    }

    private static bool IsTwemproxy(RouterKind kind) => kind is RouterKind.Twemproxy or RouterKind.TwemproxyWithoutTags;

    private static string Program(RouterKind kind) => kind == RouterKind.Memcached1638 ? "memcached7" : "memcached8";

    private static async Task<ProcessStartInfo> MemcachedAsync(string program, TemporaryDirectory directory, int port, List<int> backends)
    {
        var configuration = directory.File("route.lua");
        await File.WriteAllTextAsync(configuration, Configuration(backends));
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "root"] : [];
        return new ProcessStartInfo(SidProgram.Require(program), [.. user, "-l", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", "0", "-m", "8", "-t", "1", "-o", "proxy_config=" + configuration]);
    }

    /// <summary>The manual's, with servers and a shorter limit of our own.</summary>
    private static async Task<ProcessStartInfo> TwemproxyAsync(TemporaryDirectory directory, int port, List<int> backends, bool tags)
    {
        var configuration = directory.File("nutcracker.yml");
        var servers = string.Concat(backends.Select(static backend => string.Create(CultureInfo.InvariantCulture, $"    - 127.0.0.1:{backend}:1\n")));
        var text = WithServers(DocumentPages.Block(Page, Yaml).Text, "    - ", servers)
            .Replace("127.0.0.1:5000", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), StringComparison.Ordinal)
            .Replace("timeout: 1000", "timeout: 300", StringComparison.Ordinal);
        await File.WriteAllTextAsync(configuration, tags ? text : text.Replace("  hash_tag: \":|\"\n", "", StringComparison.Ordinal));
        return new ProcessStartInfo(Twemproxy, ["-c", configuration, "-o", directory.File("log"), "-p", directory.File("pid"), "-a", "127.0.0.1", "-s", FreePort.Next().ToString(CultureInfo.InvariantCulture)]);
    }

    /// <summary>The manual's, with servers of our own.</summary>
    private static string Configuration(IEnumerable<int> ports)
    {
        var backends = ports.Select((port, i) => string.Create(CultureInfo.InvariantCulture, $"mcp.backend('b{i}', '127.0.0.1', {port}),\n"));
        return WithServers(DocumentPages.Block(Page, Lua).Text, "        mcp.backend(\"", string.Concat(backends));
    }

    /// <summary>The same with lines that begin so replaced.</summary>
    private static string WithServers(string configuration, string start, string servers)
    {
        var lines = configuration.Split('\n').ToList();
        var first = lines.FindIndex(line => line.StartsWith(start, StringComparison.Ordinal));
        Assert.InRange(lines.RemoveAll(line => line.StartsWith(start, StringComparison.Ordinal)), 1, lines.Count);
        lines.Insert(first, servers.TrimEnd('\n'));
        return string.Join('\n', lines);
    }
}
