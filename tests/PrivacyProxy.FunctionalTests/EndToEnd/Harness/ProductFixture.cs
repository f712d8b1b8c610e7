namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>An issuer, a proxy that takes both token types and goes anywhere, and a web site: started once, used by many tests.</summary>
public sealed class ProductFixture : IAsyncLifetime, IDisposable
{
    internal const string PresharedKey = "a-preshared-key-of-the-tests";

    private readonly TemporaryDirectory _directory = new();

    internal WebOrigin Web { get; private set; } = null!;

    internal IssuerProcess Issuer { get; private set; } = null!;

    internal ProxyProcess Proxy { get; private set; } = null!;

    internal TokenPile Tokens { get; private set; } = null!;

    internal string WebCaFile => _directory.File("web.pem");

    internal static string Preshared => Credentials.Preshared(PresharedKey);

    public async Task InitializeAsync()
    {
        Web = await WebOrigin.StartAsync();
        await File.WriteAllTextAsync(WebCaFile, Web.CertificatePem);
        Issuer = await IssuerProcess.StartAsync(IssuerDirectory);
        // Explains failures, so that a test sees the reason that the metrics count.
        Proxy = await StartProxyAsync(KeyValuePair.Create("PrivacyProxy__Authentication__ExplainFailures", "true"));
        await Proxy.WaitForReadinessAsync(System.Net.HttpStatusCode.OK);
        Tokens = new TokenPile(Issuer.Url, Proxy);
    }

    /// <summary>A second proxy, which takes the same tokens and, as by default, explains nothing.</summary>
    internal async Task<ProxyProcess> StartTwinAsync(params KeyValuePair<string, string>[] settings)
    {
        var proxy = await StartProxyAsync(settings);
        await proxy.WaitForReadinessAsync(System.Net.HttpStatusCode.OK);
        return proxy;
    }

    public async Task DisposeAsync()
    {
        if (Proxy is not null) await Proxy.DisposeAsync();
        if (Issuer is not null) await Issuer.DisposeAsync();
        if (Web is not null) await Web.DisposeAsync();
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>Where the issuer keeps its keys.</summary>
    internal string IssuerDirectory => _directory.File("issuer");

    private Task<ProxyProcess> StartProxyAsync(params KeyValuePair<string, string>[] settings) => ProxyProcess.StartAsync(
        ["--psk", PresharedKey, "--allow-private", "--allow-ports", "any"],
        new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            // Tokens for any origin, so that those of one proxy fit its twin.
            ["PrivacyProxy__Authentication__OriginInfo"] = "",
            ["PrivacyProxy__Issuers__0__Name"] = IssuerProcess.Name,
            ["PrivacyProxy__Issuers__0__Directory"] = Issuer.Directory.ToString(),
            // Type 1 tokens are verified with the private key, so the proxy reads the issuer's folder.
            ["PrivacyProxy__Issuers__0__KeyDirectory"] = IssuerDirectory,
            ["PrivacyProxy__Egress__ConnectTimeout"] = "00:00:03",
        });
}
