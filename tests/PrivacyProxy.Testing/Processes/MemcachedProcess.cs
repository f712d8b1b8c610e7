using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.Testing.Processes;

/// <summary>
/// A real memcached of our own on loopback, which can be killed, stopped, continued and restarted empty at its address.
/// Only the child started here is ever signalled, and it does not outlive this process.
/// </summary>
internal sealed class MemcachedProcess : IAsyncDisposable
{
    public const string ExecutableVariable = "MEMCACHED";

    private static readonly TimeSpan _startTimeout = TimeSpan.FromSeconds(60);
    private const int PortAttempts = 5;

    private readonly Lock _lock = new();
    private readonly string[] _arguments;
    private readonly EndPoint _endPoint;
    private Process? _child;
    private bool _isDisposed;

    private MemcachedProcess(EndPoint endPoint, string[] flags)
    {
        _endPoint = endPoint;
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "root"] : [];
        string[] where = endPoint is IPEndPoint ip
            ? ["-l", ip.Address.ToString(), "-p", ip.Port.ToString(), "-U", "0"]
            : ["-s", endPoint.ToString()!, "-a", "600"];
        _arguments = [.. user, .. where, .. flags];
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Where memcached is looked for.</summary>
    public static string Executable => Environment.GetEnvironmentVariable(ExecutableVariable) is { Length: > 0 } path ? path : "/usr/bin/memcached";

    public static bool IsInstalled => File.Exists(Executable);

    /// <summary>As configuration names it: 127.0.0.1:PORT, or unix:/path.</summary>
    public string Address => _endPoint is IPEndPoint ip ? ip.ToString() : "unix:" + _endPoint;

    public EndPoint EndPoint => _endPoint;

    /// <summary>0 on a Unix socket.</summary>
    public int Port => _endPoint is IPEndPoint ip ? ip.Port : 0;

    public bool IsRunning
    {
        get { lock (_lock) return _child is { HasExited: false }; }
    }

    /// <summary>The process now; it changes with a restart.</summary>
    public int ProcessId
    {
        get { lock (_lock) return _child?.Id ?? 0; }
    }

    /// <summary>CPU time of the server so far; zero when it does not run.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            lock (_lock)
            {
                if (_child is not { HasExited: false } child) return TimeSpan.Zero;
                child.Refresh();
                return child.TotalProcessorTime;
            }
        }
    }

    /// <summary>Starts one on a free loopback port and waits until it answers <c>version</c>.</summary>
    /// <param name="flags">More arguments of memcached, such as <c>-m 64</c> or <c>-M</c>.</param>
    /// <exception cref="MemcachedMissingException">It is not installed.</exception>
    /// <exception cref="IOException">It did not start; with what it said.</exception>
    public static async Task<MemcachedProcess> StartAsync(params string[] flags)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = new MemcachedProcess(new IPEndPoint(IPAddress.Loopback, FreePort.Next()), flags);
            try
            {
                await server.StartChildAsync();
                return server;
            }
            catch (IOException) when (attempt < PortAttempts)
            {
                // Somebody took the port between finding and binding it.
                await server.DisposeAsync();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Starts one on a Unix socket; <paramref name="path"/> must not exist, its directory must.</summary>
    public static async Task<MemcachedProcess> StartOnUnixSocketAsync(string path, params string[] flags)
    {
        var server = new MemcachedProcess(new UnixDomainSocketEndPoint(path), flags);
        try
        {
            await server.StartChildAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL; returns once it is gone. All it remembered is lost.</summary>
    public async Task KillAsync()
    {
        Process? child;
        lock (_lock) (child, _child) = (_child, null);
        if (child is null) return;
        using (child)
        {
            child.Kill();
            await child.WaitForExitAsync();
        }
    }

    /// <summary>SIGSTOP: connections stay open, nothing is answered.</summary>
    public void Stop()
    {
        lock (_lock) PosixSignals.Suspend(Running.Id);
    }

    /// <summary>SIGCONT.</summary>
    public void Continue()
    {
        lock (_lock) PosixSignals.Resume(Running.Id);
    }

    /// <summary>Kills it if it runs, and starts an empty one at the same address.</summary>
    public async Task RestartEmptyAsync()
    {
        await KillAsync();
        await StartChildAsync();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock) _isDisposed = true;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        await KillAsync();
        if (_endPoint is UnixDomainSocketEndPoint) File.Delete(_endPoint.ToString()!);
    }

    private Process Running => _child is { HasExited: false } child ? child : throw new InvalidOperationException($"memcached at {Address} does not run.");

    private async Task StartChildAsync()
    {
        if (!IsInstalled) throw new MemcachedMissingException();
        // A killed one leaves its socket behind.
        if (_endPoint is UnixDomainSocketEndPoint) File.Delete(_endPoint.ToString()!);
        var said = new StringBuilder();
        var child = new Process { StartInfo = new ProcessStartInfo(Executable, _arguments) { RedirectStandardError = true, UseShellExecute = false } };
        child.ErrorDataReceived += (_, line) => { lock (said) said.AppendLine(line.Data); };
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            child.Start();
            _child = child;
        }
        child.BeginErrorReadLine();
        using var timeout = new CancellationTokenSource(_startTimeout);
        while (!await AnswersAsync(timeout.Token) || child.HasExited)
        {
            // It may also be another server that answers on a port that ours did not get.
            if (!child.HasExited && !timeout.IsCancellationRequested) continue;
            await KillAsync();
            lock (said) throw new IOException($"{Executable} {string.Join(' ', _arguments)} did not start: {said.ToString().Trim()}");
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new Socket(_endPoint.AddressFamily, SocketType.Stream, _endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
            await socket.ConnectAsync(_endPoint, cancellationToken);
            await socket.SendAsync("version\r\n"u8.ToArray(), cancellationToken);
            var reply = new byte[64];
            var length = await socket.ReceiveAsync(reply, cancellationToken);
            return reply.AsSpan(0, length).StartsWith("VERSION "u8);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            await Task.Delay(10, CancellationToken.None);
            return false;
        }
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        lock (_lock)
        {
            _isDisposed = true;
            if (_child is { HasExited: false } child) child.Kill();
        }
    }
}
