namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>A running <c>privacy-proxy issuer</c>; its keys outlive it when the caller names the directory.</summary>
internal sealed class IssuerProcess : IAsyncDisposable
{
    public const string Name = "issuer.test";

    private readonly ChildProcess _child;

    private IssuerProcess(ChildProcess child, Uri url)
    {
        _child = child;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Where its directory is (RFC 9578, section 4).</summary>
    public Uri Directory => new(Url, "/.well-known/private-token-issuer-directory");

    public string Log => _child.Log;

    /// <summary>The settings of a proxy that takes its tokens, more closely than the flag <c>--issuer</c> can say.</summary>
    public Dictionary<string, string> Trusted(string refresh, string removalGrace = "01:00:00") => new(StringComparer.Ordinal)
    {
        ["PrivacyProxy__Issuers__0__Name"] = Name,
        ["PrivacyProxy__Issuers__0__Directory"] = Directory.ToString(),
        ["PrivacyProxy__Issuers__0__RefreshInterval"] = refresh,
        ["PrivacyProxy__Issuers__0__RemovalGrace"] = removalGrace,
    };

    public static async Task<IssuerProcess> StartAsync(string dataDirectory, int port = 0, IReadOnlyDictionary<string, string>? environment = null)
    {
        var child = ChildProcess.StartProduct(
            ["issuer", "--urls", $"http://127.0.0.1:{port}", "--name", Name, "--data", dataDirectory, "--token-types", "1,2"],
            environment);
        try
        {
            return new IssuerProcess(child, (await child.WaitUntilReadyAsync())[0]);
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
