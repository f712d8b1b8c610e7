using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Without any egress flag, the proxy reaches nothing but public addresses on ports 443 and 80.</summary>
public sealed class EgressPolicyTests
{
    private const string Classic = "CONNECT";

    private static readonly string[] _prohibited =
    [
        "127.0.0.1:443", "localhost:443", "127.8.9.10:80", "[::1]:443", "[::ffff:127.0.0.1]:443", "0.0.0.0:443", "[0::0]:80",
        "10.1.2.3:443", "172.16.0.1:443", "192.168.1.1:80", "100.64.0.1:443", "169.254.169.254:80", "[fe80::1]:443", "[fd00:ec2::254]:80",
        "224.0.0.1:443", "[ff02::1]:443", "255.255.255.255:443", "[64:ff9b::a00:1]:443", "[2002:7f00:1::]:443",
        "a-127-0-0-1.example.com:443", "a-10-0-0-1.example.com:443", "a-169-254-169-254.example.com:80",
    ];

    /// <summary>The ways to ask for a destination: the policy is the same for all.</summary>
    private static readonly (ProxyVersion Version, string Protocol)[] _ways =
    [
        .. from version in new[] { ProxyVersion.Http1, ProxyVersion.Http2 }
           from protocol in new[] { Classic, TemplatedProbe.Tcp, TemplatedProbe.Udp }
           select (version, protocol),
    ];

    [Fact]
    public async Task Addresses_that_are_not_public_are_502_destination_ip_prohibited_by_literal_and_by_name()
    {
        await using var dns = new DnsServer();
        await using var proxy = await StartAsync(dns);
        foreach (var authority in _prohibited)
        {
            foreach (var way in _ways)
            {
                var head = await AnswerAsync(proxy, way, authority);
                Assert.Equal((authority, way, 502, "destination_ip_prohibited"), (authority, way, head.Status, head.ProxyStatusError));
            }
        }

        ProductAssert.LogIsClean(proxy, "example.com", "169.254.169.254", "192.168.1.1");
    }

    [Fact]
    public async Task Other_ports_are_403_and_the_name_is_not_even_resolved()
    {
        await using var dns = new DnsServer();
        await using var proxy = await StartAsync(dns);
        foreach (var authority in new[] { "silent.example.com:25", "127.0.0.1:22", "[2001:db8::1]:6379", "silent.example.com:8443" })
        {
            foreach (var way in _ways)
            {
                var head = await AnswerAsync(proxy, way, authority);
                Assert.Equal((authority, way, 403, "http_request_denied"), (authority, way, head.Status, head.ProxyStatusError));
                ProductAssert.HasServerTiming(head);
            }
        }
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_said_in_the_answer()
    {
        await using var dns = new DnsServer();
        await using var proxy = await StartAsync(dns);
        foreach (var way in _ways)
        {
            var head = await AnswerAsync(proxy, way, "absent.example.com:443");
            Assert.Equal((way, 502, "dns_error"), (way, head.Status, head.ProxyStatusError));
        }
    }

    [Fact]
    public async Task Without_credentials_nothing_is_said_about_destinations()
    {
        await using var dns = new DnsServer();
        await using var proxy = await StartAsync(dns);
        foreach (var authority in new[] { "127.0.0.1:443", "127.0.0.1:25", "absent.example.com:443" })
        {
            Assert.Equal(407, (await TunnelProbe.AnswerAsync(proxy, ProxyVersion.Http1, authority)).Status);
            Assert.Equal(401, (await TemplatedProbe.AnswerAsync(proxy, ProxyVersion.Http1, TemplatedProbe.Udp, authority)).Status);
        }
    }

    private static Task<HttpHead> AnswerAsync(ProxyProcess proxy, (ProxyVersion Version, string Protocol) way, string authority)
    {
        var credentials = Credentials.Field(ProductFixture.Preshared);
        return way.Protocol == Classic
            ? TunnelProbe.AnswerAsync(proxy, way.Version, authority, credentials)
            : TemplatedProbe.AnswerAsync(proxy, way.Version, way.Protocol, authority, credentials);
    }

    private static Task<ProxyProcess> StartAsync(DnsServer dns) => ProxyProcess.StartAsync(
        ["--psk", ProductFixture.PresharedKey],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PrivacyProxy__Egress__Resolver__Servers"] = dns.Address,
            ["PrivacyProxy__Egress__Resolver__Timeout"] = "00:00:05",
        });
}
