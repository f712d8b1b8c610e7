namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>A running squid that forwards to anywhere, keeps nothing, and adds nothing of its own.</summary>
internal sealed class SquidProcess : IAsyncDisposable
{
    private const string Program = "/usr/sbin/squid";

    private readonly ChildProcess _child;
    private readonly TemporaryDirectory _directory;

    private SquidProcess(ChildProcess child, TemporaryDirectory directory, int port) => (_child, _directory, Url) = (child, directory, new Uri($"http://127.0.0.1:{port}"));

    public Uri Url { get; }

    /// <summary>Skips the test by name where it is not installed.</summary>
    public static async Task<SquidProcess> StartAsync()
    {
        Skip.IfNot(File.Exists(Program), "squid is not installed");
        var directory = new TemporaryDirectory();
        var port = FreePort.Next();
        await File.WriteAllTextAsync(directory.File("squid.conf"), $"""
            http_port 127.0.0.1:{port}
            http_access allow all
            cache deny all
            via off
            forwarded_for delete
            pid_filename none
            access_log none
            cache_log /dev/null
            cache_store_log none
            coredump_dir none
            netdb_filename none
            shutdown_lifetime 0 seconds
            max_filedescriptors 1024
            """.Replace("            ", "", StringComparison.Ordinal));
        var child = ChildProcess.Start(Program, "-N", "-f", directory.File("squid.conf"));
        var squid = new SquidProcess(child, directory, port);
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (true)
        {
            try
            {
                using var socket = new System.Net.Sockets.TcpClient();
                await socket.ConnectAsync("127.0.0.1", port, deadline.Token);
                return squid;
            }
            catch (System.Net.Sockets.SocketException) when (!child.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        _directory.Dispose();
    }
}
