using System.Globalization;

namespace PrivacyProxy.DeploymentTests.Activation;

/// <summary>A parent that opens listening sockets, keeps them, and hands them to as many children as it is asked for, as systemd does.</summary>
internal sealed class ServiceManager : IAsyncDisposable
{
    private const string Script = """
        import os, signal, socket, sys
        kind, count, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
        signals = {signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        sockets = []
        for i in range(count):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
            one.bind(("127.0.0.1", 0))
            if kind == "tcp": one.listen(512)
            sockets.append(one)
        ports = [str(one.getsockname()[1]) for one in sockets]
        print("listening", *ports, flush=True)
        for i, port in enumerate(ports): command = [part.replace("{%d}" % i, port) for part in command]

        def start():
            child = os.fork()
            if child == 0:
                for i, one in enumerate(sockets): os.dup2(one.fileno(), 100 + i)
                for i in range(count):
                    os.dup2(100 + i, 3 + i)
                    os.close(100 + i)
                os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count))
                signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
                os.execvp(command[0], command)
            print("started", child, flush=True)

        start()
        while True:
            asked = signal.sigwait(signals)
            if asked == signal.SIGHUP: start()
            elif asked == signal.SIGTERM: sys.exit(0)
            else:
                while True:
                    try: child, status = os.waitpid(-1, os.WNOHANG)
                    except ChildProcessError: break
                    if child == 0: break
                    print("ended", child, os.waitstatus_to_exitcode(status), flush=True)
        """;

    private readonly ChildProcess _parent;

    private ServiceManager(ChildProcess parent, IReadOnlyList<int> ports, int first) => (_parent, Ports, First) = (parent, ports, first);

    /// <summary>Of its sockets.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>The id of the first child.</summary>
    public int First { get; }

    public string Log => _parent.Log;

    /// <param name="kind">tcp, udp, or idle for TCP sockets that do not listen.</param>
    /// <param name="sockets">How many.</param>
    /// <param name="arguments">Of our program; {0} is the port of the first socket, and so on.</param>
    /// <param name="environment">Besides its own.</param>
    public static async Task<ServiceManager> StartAsync(string kind, int sockets, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var parent = ChildProcess.Start(
            "/usr/bin/python3", ["-c", Script, kind, sockets.ToString(CultureInfo.InvariantCulture), "dotnet", "exec", Product.Assembly, .. arguments], environment);
        try
        {
            var listening = await parent.WaitForOutputAsync(static line => line.StartsWith("listening ", StringComparison.Ordinal));
            return new ServiceManager(parent, [.. Numbers(listening[0])], (await StartedAsync(parent, 1))[0]);
        }
        catch
        {
            await parent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another child on the same sockets; its id.</summary>
    public async Task<int> StartAnotherAsync()
    {
        PosixSignals.HangUp(_parent.Id);
        return (await StartedAsync(_parent, 2))[1];
    }

    /// <summary>Waits until so many children have been ready; what the last one said.</summary>
    public async Task<string> ReadyAsync(int count = 1) =>
        (await _parent.WaitForOutputAsync(static line => line.StartsWith("ready ", StringComparison.Ordinal), count))[count - 1];

    /// <summary>Waits for the end of a child; its exit code.</summary>
    public async Task<int> EndedAsync(int child)
    {
        var start = string.Create(CultureInfo.InvariantCulture, $"ended {child} ");
        return Numbers((await _parent.WaitForOutputAsync(line => line.StartsWith(start, StringComparison.Ordinal)))[0]).Last();
    }

    public Task WaitForErrorsAsync(string text) => _parent.WaitForErrorsAsync(text);

    public ValueTask DisposeAsync() => _parent.DisposeAsync();

    private static async Task<int[]> StartedAsync(ChildProcess parent, int count) =>
        [.. (await parent.WaitForOutputAsync(static line => line.StartsWith("started ", StringComparison.Ordinal), count)).Select(static line => Numbers(line).Single())];

    private static IEnumerable<int> Numbers(string line) => line.Split(' ')[1..].Select(static number => int.Parse(number, CultureInfo.InvariantCulture));
}
