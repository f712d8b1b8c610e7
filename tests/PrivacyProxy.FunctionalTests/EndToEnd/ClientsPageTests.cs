using System.Globalization;
using System.Xml.Linq;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>docs/clients.md: its commands work and show what its text says, and its profile is one.</summary>
public sealed class ClientsPageTests
{
    private const string Page = "clients.md";

    [SkippableFact]
    public async Task The_commands_take_curl_and_Chromium_through_the_proxy_and_the_relay()
    {
        var (curl, python) = (SidProgram.Require("curl8"), SidProgram.Require("sidpy"));
        Skip.IfNot(File.Exists("/usr/bin/chromium"), "chromium is not installed");
        Skip.IfNot(File.Exists(Path.Combine(Product.RepositoryRoot!, "src/PrivacyProxy/bin/Release/net10.0/privacy-proxy.dll")), "the page runs the Release build");
        using var directory = new TemporaryDirectory();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DIR"] = directory.File("clients"),
            ["CURL8"] = curl,
            ["SIDPY"] = python,
            // Its sandbox does not work for root, which tests may be run by.
            ["CHROMIUM"] = "/usr/bin/chromium --no-sandbox",
        };
        foreach (var port in new[] { "ISSUER_PORT", "PROXY_PORT", "OPEN_PORT", "RELAY_PORT", "SITE_PORT", "MANAGEMENT_PORT", "OPEN_MANAGEMENT_PORT" })
            settings[port] = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var said = await DocumentedCommands.RunAsync(Page, settings);

        Assert.Equal(
            [
                "a token over HTTP/1.1: 200 200", "a key and a place to leave from: 200 200", "a token over HTTP/2: 200",
                "HTTP/3 through the proxy --proxy-http2: 200 1000000", "HTTP/3 through the proxy --proxy-http1.1: 200 1000000",
                "socks5h relay: 200", "http relay: 200",
                "curl: (3) HTTP/3 is not supported over a SOCKS proxy",
            ],
            Lines(said["curl"]));
        Assert.Equal([$"200 1000000 {Http3Origin.Hash(1_000_000)}"], Lines(said["Programs that send UDP through SOCKS5"]));
        Assert.Equal(
            [
                "socks5://127.0.0.1: Ciphers supported in s_server", "http://127.0.0.1: Ciphers supported in s_server",
                "https://127.0.0.1: Ciphers supported in s_server", "https://127.0.0.1: net::ERR_PROXY_AUTH_UNSUPPORTED",
            ],
            Lines(said["Chromium"]));
        Assert.Equal(["a key in Authorization: 200 200"], Lines(said["Apple"]));
        var domain = said["Provisioning domains"];
        Assert.All(["\"https-connect\"", "/.well-known/masque/udp/{target_host}/{target_port}/", "privacyproxy_privatetoken", "application/pvd+json"], part => Assert.Contains(part, domain, StringComparison.Ordinal));
        Assert.Equal(["gone"], Lines(said["Clean up"]));
        Assert.False(Directory.Exists(directory.File("clients")));
    }

    [SkippableFact]
    public void The_Apple_profile_is_a_property_list_with_the_keys_of_a_relay()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var page = File.ReadAllText(Path.Combine(Product.RepositoryRoot, "docs", Page));
        var start = page.IndexOf("```xml\n", StringComparison.Ordinal) + "```xml\n".Length;
        var profile = Values(XDocument.Parse(page[start..page.IndexOf("```", start, StringComparison.Ordinal)]).Root!.Element("dict")!);
        Assert.Equal("Configuration", profile["PayloadType"].Value);
        Assert.True(Guid.TryParse(profile["PayloadUUID"].Value, out var uuid));

        var payload = Values(Assert.Single(profile["PayloadContent"].Elements("dict")));
        Assert.Equal("com.apple.relay.managed", payload["PayloadType"].Value);
        Assert.True(Guid.TryParse(payload["PayloadUUID"].Value, out var payloadUuid));
        Assert.NotEqual(uuid, payloadUuid);
        Assert.All([profile, payload], static dictionary => Assert.All(["PayloadIdentifier", "PayloadVersion", "PayloadDisplayName"], key => Assert.Contains(key, dictionary)));

        var relay = Values(Assert.Single(payload["Relays"].Elements("dict")));
        Assert.All(["HTTP3RelayURL", "HTTP2RelayURL"], key => Assert.Equal("https", new Uri(relay[key].Value).Scheme));
        // The same field opens tunnels in the commands of the page.
        Assert.Equal("Preshared a-key-for-trying", Values(relay["AdditionalHTTPHeaderFields"])["Proxy-Authorization"].Value);
        Assert.Contains("KEY=a-key-for-trying", page, StringComparison.Ordinal);
    }

    private static string[] Lines(string said) => said.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];

    /// <summary>A property list's dictionary: a key, then its value.</summary>
    private static Dictionary<string, XElement> Values(XElement dictionary) =>
        dictionary.Elements().Chunk(2).ToDictionary(static pair => pair[0].Value, static pair => pair[1], StringComparer.Ordinal);
}
