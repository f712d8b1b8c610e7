using System.Net;

namespace PrivacyProxy.Testing.Processes;

/// <summary>A running <c>privacy-proxy serve</c> on free loopback ports: cleartext, TLS and management.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    /// <summary>Where it listens: one in cleartext, one over TLS.</summary>
    public const string AnyPorts = "http://127.0.0.1:0;https://127.0.0.1:0";

    private readonly ChildProcess _child;
    private readonly TemporaryDirectory _data;

    private ProxyProcess(ChildProcess child, TemporaryDirectory data, IReadOnlyList<Uri> urls, Uri management)
    {
        _child = child;
        _data = data;
        Plain = urls.Single(url => url.Scheme == "http");
        Tls = urls.Single(url => url.Scheme == "https");
        Management = management;
    }

    public Uri Plain { get; }

    public Uri Tls { get; }

    public Uri Management { get; }

    /// <summary>The CA of its throw-away certificate.</summary>
    public string CaFile => _data.File("ca.pem");

    /// <summary>CPU time of the process so far.</summary>
    public TimeSpan ProcessorTime => _child.ProcessorTime;

    /// <summary>Of it, what the runtime's background compiler took.</summary>
    public TimeSpan CompilerTime => _child.CompilerTime;

    public int Id => _child.Id;

    public string Output => _child.Output.Text;

    public string Errors => _child.Errors.Text;

    /// <summary>Everything it has written to its standard streams.</summary>
    public string Log => _child.Log;

    public static async Task<ProxyProcess> StartAsync(IEnumerable<string> flags, IReadOnlyDictionary<string, string>? environment = null, string urls = AnyPorts)
    {
        var data = new TemporaryDirectory();
        var management = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var child = ChildProcess.StartProduct(
            ["serve", "--urls", urls, "--management", management.ToString(), "--data", data.Path, .. flags],
            environment);
        try
        {
            return new ProxyProcess(child, data, await child.WaitUntilReadyAsync(), management);
        }
        catch
        {
            await child.DisposeAsync();
            data.Dispose();
            throw;
        }
    }

    /// <summary>The status of /readyz or /healthz.</summary>
    public async Task<HttpStatusCode> ProbeAsync(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(Management, path));
        return answer.StatusCode;
    }

    /// <summary>Asks until /readyz has that status; every ask is a request of its own, so nothing depends on a delay.</summary>
    public async Task WaitForReadinessAsync(HttpStatusCode status)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (await ProbeAsync("/readyz") != status)
            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
    }

    /// <summary>Waits until that many lines of standard error hold a text.</summary>
    public Task WaitForErrorsAsync(string text, int count = 1) => _child.WaitForErrorsAsync(text, count);

    public Task<int> TerminateAsync() => _child.TerminateAsync();

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        _data.Dispose();
    }
}
