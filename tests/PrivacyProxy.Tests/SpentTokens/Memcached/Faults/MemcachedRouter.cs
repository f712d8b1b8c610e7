using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.Tests.EndToEnd.Harness;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Faults;

/// <summary>The proxy that newer memcacheds have built in, run with a configuration of our own over plain memcacheds.</summary>
internal sealed class MemcachedRouter : IAsyncDisposable
{
    private const string Program = "memcached8";
    private const int PortAttempts = 5;

    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly int _port;

    private MemcachedRouter(TemporaryDirectory directory, Process process, int port) => (_directory, _process, _port) = (directory, process, port);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <summary>Skips the test by name where no memcached with a proxy is to be had.</summary>
    public static void SkipWhereMissing() => SidProgram.Require(Program);

    public static async Task<MemcachedRouter> StartAsync(IEnumerable<int> backends)
    {
        SkipWhereMissing();
        var ports = backends.ToList();
        for (var attempt = 1; ; attempt++)
        {
            var directory = new TemporaryDirectory();
            var configuration = directory.File("route.lua");
            await File.WriteAllTextAsync(configuration, Configuration(ports));
            var port = FreePort.Next();
            string[] user = Environment.IsPrivilegedProcess ? ["-u", "root"] : [];
            var process = Process.Start(SidProgram.Require(Program), [.. user, "-l", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", "0", "-m", "8", "-t", "1", "-o", "proxy_config=" + configuration]);
            var router = new MemcachedRouter(directory, process, port);
            if (await router.AnswersAsync()) return router;
            // Somebody took the port between finding and binding it.
            await router.DisposeAsync();
            if (attempt == PortAttempts) throw new IOException($"{Program} does not start.");
        }
    }

    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
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

    /// <summary>Every storage command goes to the backend that the pool's hash of the key names.</summary>
    private static string Configuration(IEnumerable<int> ports)
    {
        var backends = ports.Select((port, i) => string.Create(CultureInfo.InvariantCulture, $"mcp.backend('b{i}', '127.0.0.1', {port})"));
        return $$"""
            function mcp_config_pools()
                mcp.backend_connect_timeout(1)
                mcp.backend_read_timeout(1)
                return mcp.pool({ {{string.Join(", ", backends)}} })
            end

            function mcp_config_routes(pool)
                local route = mcp.funcgen_new()
                local handle = route:new_handle(pool)
                route:ready({ n = "all", f = function(context)
                    return function(request) return context:enqueue_and_wait(request, handle) end
                end })
                mcp.attach(mcp.CMD_ANY_STORAGE, route)
            end
            """;
    }
}
