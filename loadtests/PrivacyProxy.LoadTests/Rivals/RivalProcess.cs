using System.Globalization;
using System.Net.Sockets;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Rivals;

/// <summary>A proxy of another maker, started with a configuration of ours on free loopback ports. None of them authenticates.</summary>
internal sealed class RivalProcess : IMeasuredProxy
{
    private static readonly TimeSpan _startTimeout = TimeSpan.FromSeconds(30);

    private readonly List<ChildProcess> _children = [];
    private readonly int _plain = FreePort.Next();
    private readonly int _tls = FreePort.Next();

    private RivalProcess(string name) => Name = name;

    /// <summary>All that can be measured, ours first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["kestrel", "native", "haproxy", "squid", "nghttpx", "go", "node", "h2o"];

    public string Name { get; }

    public CredentialSupply Credentials { get; } = CredentialSupply.OfNothing();

    public ProcessTree Processes => new([.. _children.Select(static child => child.Id)]);

    public ProxyAddress AddressOf(bool tls) => new("127.0.0.1", tls ? _tls : _plain, tls);

    /// <summary>Whether it can do the work at all.</summary>
    public bool Does(RivalWork work) => Does(Name, work);

    /// <summary>The same, of one that does not run yet.</summary>
    public static bool Does(string name, RivalWork work) => name switch
    {
        not "h2o" when work.Http == 3 => false,
        "haproxy" => work.Http == 1,
        "squid" => work is { Http: 1, Tls: false },
        // Its END_STREAM is not passed on as a FIN, so such tunnels would never close.
        "nghttpx" => work.Http == 2 && work.Name != "h2-fin",
        "node" => work is { Http: 1, Tls: false } or { Http: 2 },
        _ => true,
    };

    /// <summary>Why it cannot be started; null when it can.</summary>
    public static string? Missing(string name, RivalsSettings settings) => name switch
    {
        "go" => settings.Go is null ? "no --go" : null,
        "h2o" => settings.H2oPath is null ? "no --h2o and no variable H2O" : File.Exists(settings.H2oPath) ? null : $"{settings.H2oPath} is not there",
        "nghttpx" => Find("nghttpx") is null ? "not installed" : Find("haproxy") is null ? "it needs haproxy behind it" : null,
        _ => Find(name) is null ? "not installed" : null,
    };

    /// <exception cref="IOException">It does not start.</exception>
    public static async Task<RivalProcess> StartAsync(string name, RivalsSettings settings, string folder)
    {
        var rival = new RivalProcess(name);
        try
        {
            switch (name)
            {
                case "haproxy": await rival.RunAsync(Find("haproxy")!, ["-db", "-q", "-f", rival.Fill(folder, "haproxy.cfg")], rival._plain); break;
                case "squid": await rival.RunAsync(Find("squid")!, ["-N", "-f", rival.Fill(folder, "squid.conf")], rival._plain); break;
                case "nghttpx":
                    await rival.RunAsync(Find("haproxy")!, ["-db", "-q", "-f", rival.Fill(folder, "haproxy.cfg", tls: FreePort.Next())], rival._plain);
                    await rival.RunAsync(Find("nghttpx")!, [$"--conf={rival.Fill(folder, "nghttpx.conf")}"], rival._tls);
                    break;
                case "go": await rival.RunAsync(settings.Go!, rival.Arguments(folder), rival._tls); break;
                case "node": await rival.RunAsync(Find("node")!, [Path.Combine(folder, "proxy.mjs"), .. rival.Arguments(folder), Text(Environment.ProcessorCount)], rival._tls); break;
                case "h2o": await rival.RunAsync(settings.H2oPath!, ["-c", rival.Fill(folder, "h2o.yaml")], rival._tls); break;
                default: throw new ArgumentOutOfRangeException(nameof(name), name, message: null);
            }

            return rival;
        }
        catch
        {
            await rival.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var child in Enumerable.Reverse(_children)) await child.DisposeAsync();
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(["/usr/sbin", "/sbin"]).Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string[] Arguments(string folder) => [Text(_plain), Text(_tls), Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem")];

    /// <summary>A configuration with the ports and places of this run.</summary>
    private string Fill(string folder, string file, int? tls = null)
    {
        var text = File.ReadAllText(Path.Combine(folder, file)).Replace("@PLAIN@", Text(_plain), StringComparison.Ordinal).Replace("@BEHIND@", Text(_plain), StringComparison.Ordinal)
            .Replace("@TLS@", Text(tls ?? _tls), StringComparison.Ordinal).Replace("@CORES@", Text(Environment.ProcessorCount), StringComparison.Ordinal).Replace("@FOLDER@", folder, StringComparison.Ordinal);
        var filled = Path.Combine(folder, $"{Name}-{_plain}-{file}");
        File.WriteAllText(filled, text);
        return filled;
    }

    private async Task RunAsync(string program, IEnumerable<string> arguments, int port)
    {
        var child = ChildProcess.Start(program, arguments);
        _children.Add(child);
        using var deadline = new CancellationTokenSource(_startTimeout);
        while (!await IsListeningAsync(port))
        {
            if (child.HasExited || deadline.IsCancellationRequested) throw new IOException($"{Name} did not start: {child.Log.Trim()}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
