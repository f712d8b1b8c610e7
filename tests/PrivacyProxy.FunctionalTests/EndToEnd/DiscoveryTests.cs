using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>/.well-known/pvd: what a client learns of the proxy from its name alone.</summary>
[Collection(ProductCollection.Name)]
public sealed class DiscoveryTests(ProductFixture product)
{
    private const string Path = "/.well-known/pvd";

    private static readonly KeyValuePair<string, string> _name = new("PrivacyProxy__Name", "proxy.test:8443");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_names_the_proxy_its_tunnels_and_its_issuers_to_everybody(int version)
    {
        await using var proxy = await product.StartTwinAsync(
            _name, new("PrivacyProxy__Tunnels__UdpTemplate", "/masque{?target_host,target_port}"), new("PrivacyProxy__Discovery__Lifetime", "02:00:00"));
        using var client = Client(proxy, version);
        var before = DateTimeOffset.UtcNow;
        using var answer = await client.GetAsync(new Uri(proxy.Tls, Path));
        Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version.Major));
        Assert.Equal("application/pvd+json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("public, max-age=7200", answer.Headers.CacheControl!.ToString());

        using var document = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        var domain = document.RootElement;
        Assert.Equal(["identifier", "expires", "prefixes", "proxies"], domain.EnumerateObject().Select(static member => member.Name));
        Assert.Equal("proxy.test", domain.GetProperty("identifier").GetString());
        Assert.InRange(domain.GetProperty("expires").GetDateTimeOffset(), before.AddHours(2).AddSeconds(-1), DateTimeOffset.UtcNow.AddHours(2));
        Assert.Empty(domain.GetProperty("prefixes").EnumerateArray());
        Assert.Equal(
        [
            "https-connect proxy.test:8443",
            // The same template, as simple as templates get.
            "connect-udp https://proxy.test:8443/masque?target_host={target_host}&target_port={target_port}",
            "connect-tcp https://proxy.test:8443/.well-known/masque/tcp/{target_host}/{target_port}/",
        ], domain.GetProperty("proxies").EnumerateArray().Select(static proxy => $"{proxy.GetProperty("protocol")} {proxy.GetProperty("proxy")}"));
        foreach (var described in domain.GetProperty("proxies").EnumerateArray())
        {
            Assert.Equal(described.GetProperty("protocol").GetString(), described.GetProperty("identifier").GetString());
            Assert.Equal(["h2", "http/1.1"], described.GetProperty("alpn").EnumerateArray().Select(static version => version.GetString()).Where(static version => version != "h3"));
            Assert.False(described.TryGetProperty("mandatory", out _));
            // Its directory is in cleartext on loopback, so nobody is sent there.
            Assert.Equal($$"""[{"issuer":"{{IssuerProcess.Name}}","token-types":[1,2]}]""", described.GetProperty("privacyproxy_privatetoken").GetRawText());
        }
    }

    [Fact]
    public async Task Only_it_is_asked_for_with_GET_and_HEAD()
    {
        await using var proxy = await product.StartTwinAsync(_name);
        using var client = Client(proxy, 2);
        using var head = await client.SendAsync(Request(proxy, HttpMethod.Head));
        Assert.Equal((HttpStatusCode.OK, "application/pvd+json"), (head.StatusCode, head.Content.Headers.ContentType!.ToString()));
        Assert.True(head.Content.Headers.ContentLength > 0);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        using var post = await client.SendAsync(Request(proxy, HttpMethod.Post));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET,HEAD"), (post.StatusCode, string.Join(',', post.Content.Headers.Allow)));
        using var other = await client.GetAsync(new Uri(proxy.Tls, Path + "/other"));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Theory]
    [InlineData("PrivacyProxy__Discovery__Enabled=false PrivacyProxy__Name=proxy.test", true, "Discovery is off")]
    [InlineData("", true, "does not know by which name")]
    [InlineData("PrivacyProxy__Name=proxy.test", false, "Only over TLS")]
    public async Task Where_there_is_nothing_to_tell_it_says_why(string settings, bool tls, string reason)
    {
        await using var proxy = await product.StartTwinAsync(
            [.. settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static setting => setting.Split('=')).Select(static pair => KeyValuePair.Create(pair[0], pair[1]))]);
        using var client = Client(proxy, 1);
        using var answer = await client.GetAsync(new Uri(tls ? proxy.Tls : proxy.Plain, Path));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_udp_tunnels_connect_udp_is_not_offered()
    {
        await using var proxy = await product.StartTwinAsync(_name, new("PrivacyProxy__Tunnels__MaxUdpTunnels", "0"));
        using var client = Client(proxy, 1);
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri(proxy.Tls, Path)));
        Assert.Equal(
            ["https-connect", "connect-tcp"],
            document.RootElement.GetProperty("proxies").EnumerateArray().Select(static described => described.GetProperty("protocol").GetString()));
    }

    private static HttpRequestMessage Request(ProxyProcess proxy, HttpMethod method) =>
        new(method, new Uri(proxy.Tls, Path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static HttpClient Client(ProxyProcess proxy, int version)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(proxy.CaFile);
        var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } };
        return new HttpClient(handler)
        {
            Timeout = ChildProcess.Patience,
            DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
