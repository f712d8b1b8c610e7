using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.FunctionalTests.Clients;

/// <summary>A program or library that knows no more of proxies than <c>http://user:password@proxy</c>.</summary>
/// <param name="Name">For people.</param>
/// <param name="File">What has to be here for it.</param>
/// <param name="Fetch">Its standard output, given the proxy with its credentials, the site's CA file and the page.</param>
internal sealed record ProxyProgram(string Name, string File, Func<Uri, string, Uri, Task<CommandResult>> Fetch)
{
    private const string Python = "/usr/bin/python3";

    public static IReadOnlyList<ProxyProgram> All { get; } =
    [
        new("curl", "/usr/bin/curl", (proxy, ca, page) => RunAsync(proxy, ca, "curl", "--silent", "--show-error", "--fail", "--proxy", proxy.OriginalString, "--cacert", ca, page.OriginalString)),
        new("curl that asks first", "/usr/bin/curl", (proxy, ca, page) => RunAsync(proxy, ca, "curl", "--silent", "--show-error", "--fail", "--proxy-anyauth", "--proxy", proxy.OriginalString, "--cacert", ca, page.OriginalString)),
        new("wget", "/usr/bin/wget", (proxy, ca, page) => RunAsync(proxy, ca, "wget", "--quiet", "--tries=1", "--output-document=-", $"--ca-certificate={ca}", page.OriginalString)),
        new("git", "/usr/bin/git", FetchWithGitAsync),
        new("urllib", Python, (proxy, ca, page) => RunAsync(proxy, ca, Python, Tool("tools/fetch_urllib.py"), ca, page.OriginalString)),
        new("requests", "/usr/lib/python3/dist-packages/requests", (proxy, ca, page) => RunAsync(proxy, ca, Python, Tool("tools/fetch_requests.py"), ca, page.OriginalString)),
        new("undici", "tests/interop/node_modules/undici", (proxy, ca, page) => RunAsync(proxy, ca, "node", Tool("interop/node/fetch.mjs"), proxy.OriginalString, ca, page.OriginalString)),
        new("Go", "/usr/bin/go", (proxy, ca, page) => RunAsync(proxy, ca, "go", "run", Tool("tools/fetch.go"), proxy.OriginalString, ca, page.OriginalString)),
        new("Java", "/usr/bin/javac", (proxy, ca, page) => RunAsync(
            // By itself it gives no password for tunnels, only for plain requests.
            proxy, ca, "java", "-Djdk.http.auth.tunneling.disabledSchemes=", "-XX:TieredStopAtLevel=1", Tool("tools/Fetch.java"), proxy.Host, proxy.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), proxy.UserInfo.Split(':')[1], ca, page.OriginalString)),
        new("HttpClient", "/", FetchWithHttpClientAsync),
    ];

    /// <summary>Skips the test by name where the program is not.</summary>
    public static ProxyProgram Require(string name)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var program = All.Single(program => program.Name == name);
        var file = Path.Combine(Product.RepositoryRoot!, program.File);
        Skip.IfNot(System.IO.File.Exists(file) || Directory.Exists(file), $"{file} is not installed");
        return program;
    }

    /// <summary>Of a repository without a server of its own kind, git reads the list of branches.</summary>
    private static async Task<CommandResult> FetchWithGitAsync(Uri proxy, string ca, Uri page)
    {
        var result = await RunAsync(proxy, ca, "git", "-c", $"http.proxy={proxy.OriginalString}", "-c", "http.proxyAuthMethod=anyauth", "ls-remote", new Uri(page, "/repository.git").OriginalString);
        return result with { Output = result.Output.Contains("refs/heads/main", StringComparison.Ordinal) ? EndToEnd.Harness.WebOrigin.Page : result.Output };
    }

    private static async Task<CommandResult> FetchWithHttpClientAsync(Uri proxy, string ca, Uri page)
    {
        var (user, password) = proxy.UserInfo.Split(':') is [var first, var second] ? (first, second) : ("", "");
        using var site = X509CertificateLoader.LoadCertificateFromFile(ca);
        using var handler = new SocketsHttpHandler
        {
            Proxy = new WebProxy(new Uri(proxy.GetLeftPart(UriPartial.Authority).Replace(proxy.UserInfo + "@", "", StringComparison.Ordinal))) { Credentials = new NetworkCredential(user, password) },
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == site.Thumbprint },
        };
        using var client = new HttpClient(handler) { Timeout = ChildProcess.Patience };
        try
        {
            return new CommandResult(0, await client.GetStringAsync(page), "");
        }
        catch (HttpRequestException e)
        {
            return new CommandResult(1, "", e.Message);
        }
    }

    private static string Tool(string path) => Path.Combine(Product.RepositoryRoot!, "tests", path);

    private static async Task<CommandResult> RunAsync(Uri proxy, string ca, string program, params IEnumerable<string> arguments)
    {
        using var home = new TemporaryDirectory();
        return await ChildProcess.RunAsync(program, arguments, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = home.Path,
            ["http_proxy"] = proxy.OriginalString,
            ["https_proxy"] = proxy.OriginalString,
            ["no_proxy"] = "",
            ["NO_PROXY"] = "",
            ["GIT_TERMINAL_PROMPT"] = "0",
            // Goes before what is configured.
            ["GIT_SSL_CAINFO"] = ca,
        });
    }
}
