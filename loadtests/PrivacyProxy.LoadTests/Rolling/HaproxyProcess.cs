using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.LoadTests.Rolling;

/// <summary>A haproxy of our own on loopback, which asks replicas whether they are ready.</summary>
internal sealed class HaproxyProcess : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/haproxy";

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _folder;
    private readonly ChildProcess _process;

    private HaproxyProcess(TemporaryDirectory folder, ChildProcess process, int port) => (_folder, _process, Port) = (folder, process, port);

    public static bool IsInstalled => File.Exists(Executable);

    public int Port { get; }

    /// <exception cref="IOException">It is not installed, or does not start.</exception>
    public static async Task<HaproxyProcess> StartAsync(IReadOnlyList<Replica> replicas)
    {
        if (!IsInstalled) throw new IOException($"{Executable} is not here: apt-get install haproxy");
        var (folder, port) = (new TemporaryDirectory(), FreePort.Next());
        // A check that is slow is not one that failed.
        var servers = replicas.Select(static (replica, i) => $"  server replica{i} 127.0.0.1:{replica.Port} check port {replica.ManagementPort} inter 500ms fall 1 rise 1\n");
        await File.WriteAllTextAsync(folder.File("haproxy.cfg"), $"""
            global
              maxconn 9000
              stats socket {folder.File("stats")} mode 600
            defaults
              mode tcp
              timeout connect 10s
              timeout client 10m
              timeout server 10m
              timeout check 10s
              retries 3
              option redispatch
            frontend clients
              bind 127.0.0.1:{port}
              default_backend proxies
            backend proxies
              balance roundrobin
              option httpchk GET /readyz
              http-check expect status 200

            """ + string.Concat(servers));
        var haproxy = new HaproxyProcess(folder, ChildProcess.Start(Executable, "-db", "-f", folder.File("haproxy.cfg")), port);
        try
        {
            await haproxy.WaitAsync(replicas.Count);
            return haproxy;
        }
        catch
        {
            await haproxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it sends connections to so many replicas.</summary>
    /// <exception cref="IOException">It has ended, or does not come to it.</exception>
    public async Task WaitAsync(int replicas)
    {
        for (var startedAt = Stopwatch.GetTimestamp(); await CountAsync() != replicas;)
        {
            if (_process.HasExited) throw new IOException($"haproxy has ended.\n{_process.Log}");
            if (Stopwatch.GetElapsedTime(startedAt) > _limit) throw new IOException($"haproxy does not count on {replicas} replicas after {_limit.TotalSeconds} s.\n{_process.Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Replicas that were looked at and are up.</summary>
    private async Task<int> CountAsync()
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_folder.File("stats")));
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync("show stat\n"u8.ToArray());
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var lines = (await reader.ReadToEndAsync()).Split('\n');
            // CSV: the 18th field is the status, the 37th the last check; before the first one the status is UP too.
            return lines.Select(static line => line.Split(',')).Count(static fields => fields.Length > 36 && fields[1].StartsWith("replica", StringComparison.Ordinal) && fields[17] == "UP" && fields[36] == "L7OK");
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
