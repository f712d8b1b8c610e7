namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>A running <c>privacy-proxy relay</c>.</summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    private readonly ChildProcess _child;

    private RelayProcess(ChildProcess child, IReadOnlyList<Uri> urls)
    {
        _child = child;
        Socks = urls.Single(url => url.Scheme == "socks5");
        Http = urls.Single(url => url.Scheme == "http");
    }

    public Uri Socks { get; }

    public Uri Http { get; }

    public string Log => _child.Log;

    public static async Task<RelayProcess> StartAsync(params IEnumerable<string> flags)
    {
        var child = ChildProcess.StartProduct(["relay", "--listen", "127.0.0.1:0", .. flags]);
        try
        {
            return new RelayProcess(child, await child.WaitUntilReadyAsync());
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    public Task<int> TerminateAsync() => _child.TerminateAsync();

    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
