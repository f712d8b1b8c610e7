using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Clients;

/// <summary>Clients that come with a certificate, on both engines: curl, raw TLS, and the relay.</summary>
public sealed class ClientCertificateTests(ClientCertificateTests.World world) : IClassFixture<ClientCertificateTests.World>
{
    public static TheoryData<string, ProxyVersion> Ways => Matrix.Of<string, ProxyVersion>(["Native", "Kestrel"], [ProxyVersion.Http1Tls, ProxyVersion.Http2Tls]);

    public static TheoryData<string> Engines => ["Native", "Kestrel"];

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_certificate_of_a_trusted_authority_or_a_listed_one_opens_tunnels_and_a_key_still_does(string engine, ProxyVersion version)
    {
        foreach (var flags in new string[][] { World.Show("good"), World.Show("listed"), ["--proxy-header", "Proxy-Authorization: Preshared " + World.Key], [.. World.Show("expired"), "--proxy-header", "Proxy-Authorization: Preshared " + World.Key] })
        {
            var result = await FetchAsync(world[engine], version, flags);
            Assert.True(result.ExitCode == 0, result.Errors);
            Assert.Equal(WebOrigin.Page, result.Text);
        }
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task One_that_is_not_valid_now_unknown_or_for_something_else_is_refused_counted_and_named_nowhere(string engine, ProxyVersion version)
    {
        var proxy = world[engine];
        foreach (var (name, result) in new[] { ("expired", "certificate_expired"), ("unknown", "certificate_unknown"), ("server", "certificate_misused"), ("future", "certificate_expired"), ("self-signed", "certificate_unknown"), ("encryption", "certificate_misused"), ("", "missing") })
        {
            var before = await CountedAsync(proxy, result);
            var refused = await FetchAsync(proxy, version, name.Length > 0 ? World.Show(name) : []);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Equal(407, refused.Connect.Status);
            Assert.Equal((name, before + 1), (name, await CountedAsync(proxy, result)));
        }

        ProductAssert.LogIsClean(proxy, "leaf", "Test CA", "Stranger");
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_plain_request_is_paid_with_it_too(string engine)
    {
        var result = await Curl.System.RunAsync(["--proxy", world[engine].Tls.ToString(), "--proxy-cacert", world[engine].CaFile, .. World.Show("good").Select(world.File), world.Web.Plain.ToString()]);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(WebOrigin.Page, result.Text);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Where_it_is_required_nothing_else_opens_a_tunnel(string engine)
    {
        await using var proxy = await world.StartAsync(engine, "Required");
        var key = await FetchAsync(proxy, ProxyVersion.Http1Tls, ["--proxy-header", "Proxy-Authorization: Preshared " + World.Key]);
        Assert.Equal((403, "http_request_denied"), (key.Connect.Status, key.Connect.ProxyStatusError));
        Assert.Equal(0, (await FetchAsync(proxy, ProxyVersion.Http1Tls, World.Show("good"))).ExitCode);
        await using var plain = await HttpProbe.ConnectAsync(proxy.Plain);
        await plain.SendAsync(HttpProbe.ConnectHead("site.example:443", "Proxy-Authorization: Preshared " + World.Key));
        Assert.Equal(403, (await plain.ReadHeadAsync()).Status);
        Assert.Contains("a client certificate that it trusts", await plain.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task The_holder_of_one_has_so_many_tunnels_and_no_more_on_all_connections_together(string engine)
    {
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await world.StartAsync(engine, "Accepted", ("MaxTunnels", "2"));
        var (first, status1) = await ConnectAsync(proxy, origin, world.Good);
        var (second, status2) = await ConnectAsync(proxy, origin, world.Good);
        Assert.Equal((200, 200), (status1, status2));
        var (third, status3) = await ConnectAsync(proxy, origin, world.Good);
        Assert.Equal(503, status3);
        await third.DisposeAsync();
        var (other, status4) = await ConnectAsync(proxy, origin, world.Listed);
        Assert.Equal(200, status4);
        await first.DisposeAsync();
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        var again = 0;
        while (again != 200)
        {
            // The end of the first is on its way.
            deadline.Token.ThrowIfCancellationRequested();
            var (next, status) = await ConnectAsync(proxy, origin, world.Good);
            again = status;
            await next.DisposeAsync();
        }

        await second.DisposeAsync();
        await other.DisposeAsync();
    }

    [Theory]
    [InlineData("http1")]
    [InlineData("http2")]
    public async Task The_relay_shows_its_certificate_and_needs_no_token(string upstream)
    {
        await using var relay = await RelayProcess.StartAsync("--upstream", upstream, "--proxy", world["Native"].Tls.ToString(), "--proxy-ca", world["Native"].CaFile, "--client-certificate", world.File("both.pem"));
        var result = await Curl.System.RunAsync("--proxy", $"socks5h://{relay.Socks.Authority}", world.Web.Plain.ToString());
        Assert.True(result.ExitCode == 0, result.Errors + relay.Log);
        Assert.Equal(WebOrigin.Page, result.Text);
    }

    private async Task<CurlResult> FetchAsync(ProxyProcess proxy, ProxyVersion version, IEnumerable<string> flags) =>
        await CurlProxy.For(version).RunAsync([.. CurlProxy.Flags(proxy, version), "--proxytunnel", .. flags.Select(world.File), world.Web.Plain.ToString()]);

    private static async Task<long> CountedAsync(ProxyProcess proxy, string result)
    {
        using var client = new HttpClient();
        var start = $"privacy_proxy_token_redemptions_total{{result=\"{result}\"}} ";
        var line = (await client.GetStringAsync(new Uri(proxy.Management, "/metrics"))).Split('\n').FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[start.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<(SslStream Stream, int Status)> ConnectAsync(ProxyProcess proxy, TcpOrigin origin, X509Certificate2 certificate)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy.Tls.Host, proxy.Tls.Port);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
        });
        await tls.WriteAsync(Encoding.ASCII.GetBytes(HttpProbe.ConnectHead(origin.Authority)));
        var head = new byte[12];
        await tls.ReadExactlyAsync(head).AsTask().WaitAsync(ChildProcess.Patience);
        return (tls, int.Parse(Encoding.ASCII.GetString(head)[9..], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>A proxy on each engine, a site, and certificates of all sorts.</summary>
    public sealed class World : IAsyncLifetime, IDisposable
    {
        internal const string Key = "a-key-beside-certificates";

        private readonly TemporaryDirectory _directory = new();
        private readonly Dictionary<string, ProxyProcess> _proxies = new(StringComparer.Ordinal);

        internal WebOrigin Web { get; private set; } = null!;

        internal X509Certificate2 Good { get; private set; } = null!;

        internal X509Certificate2 Listed { get; private set; } = null!;

        internal ProxyProcess this[string engine] => _proxies[engine];

        /// <summary>curl's flags; see <see cref="File(string)"/>.</summary>
        internal static string[] Show(string name) => ["--proxy-cert", $"@{name}.pem", "--proxy-key", $"@{name}.key"];

        /// <summary>A file of this world, where a text names one by an @.</summary>
        internal string File(string text) => text.StartsWith('@') || text == "both.pem" ? _directory.File(text.TrimStart('@')) : text;

        public async Task InitializeAsync()
        {
            var (authority, stranger) = (new TestAuthority(), new TestAuthority("Stranger"));
            var names = new[] { "client" };
            Good = Write("good", authority.Issue(names, forClients: true));
            Listed = Write("listed", stranger.Issue(names, forClients: true));
            Write("expired", authority.Issue(names, expired: true, forClients: true));
            Write("unknown", stranger.Issue(names, forClients: true));
            Write("server", authority.Issue(names));
            Write("future", authority.Issue(names, forClients: true, notYet: true));
            Write("self-signed", TestAuthority.SelfSigned());
            Write("encryption", authority.IssueForEncryption());
            await System.IO.File.WriteAllTextAsync(_directory.File("authority.pem"), authority.Pem);
            await System.IO.File.WriteAllTextAsync(_directory.File("both.pem"), Good.ExportCertificatePem() + "\n" + Good.KeyPem());
            Web = await WebOrigin.StartAsync();
            foreach (var engine in new[] { "Native", "Kestrel" }) _proxies[engine] = await StartAsync(engine, "Accepted");
        }

        internal Task<ProxyProcess> StartAsync(string engine, string use, params (string Key, string Value)[] more)
        {
            const string Section = "PrivacyProxy__Authentication__ClientCertificates__";
            var settings = more.ToDictionary(static setting => Section + setting.Key, static setting => setting.Value, StringComparer.Ordinal);
            settings[Section + "Use"] = use;
            settings[Section + "Authorities"] = _directory.File("authority.pem");
            settings[Section + "Thumbprints"] = Listed.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant();
            settings["PrivacyProxy__Listeners__Engine"] = engine;
            return ProxyProcess.StartAsync(["--psk", Key, "--allow-private", "--allow-ports", "any"], settings);
        }

        public async Task DisposeAsync()
        {
            foreach (var proxy in _proxies.Values) await proxy.DisposeAsync();
            if (Web is not null) await Web.DisposeAsync();
        }

        public void Dispose() => _directory.Dispose();

        private X509Certificate2 Write(string name, X509Certificate2 certificate)
        {
            System.IO.File.WriteAllText(_directory.File(name + ".pem"), certificate.ExportCertificatePem());
            System.IO.File.WriteAllText(_directory.File(name + ".key"), certificate.KeyPem());
            return certificate;
        }
    }
}
