using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Origins that cannot be reached: the status and error that RFC 9209 has for it.</summary>
[Collection(ProductCollection.Name)]
public sealed class OriginFailureTests(ProductFixture product)
{
    public static TheoryData<ProxyVersion> Versions => new(ProxyVersion.Http1, ProxyVersion.Http2);

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task An_origin_that_refuses_is_502_connection_refused(ProxyVersion version) =>
        await IsRefusedAsync(product.Proxy, version, $"127.0.0.1:{FreePort.Next()}", 502, "connection_refused");

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task An_origin_that_does_not_answer_is_504_connection_timeout(ProxyVersion version)
    {
        using var origin = new SilentOrigin();
        await IsRefusedAsync(product.Proxy, version, origin.Authority, 504, "connection_timeout");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_name_that_does_not_exist_is_502_dns_error(ProxyVersion version) =>
        await IsRefusedAsync(product.Proxy, version, "no-such-name.invalid:443", 502, "dns_error");

    [Fact]
    public async Task Every_answer_of_a_name_server_has_its_own_error()
    {
        await using var dns = new DnsServer();
        await using var origin = TcpOrigin.Echo();
        await using var proxy = await ProxyProcess.StartAsync(
            ["--psk", ProductFixture.PresharedKey, "--allow-private", "--allow-ports", "any"],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PrivacyProxy__Egress__Resolver__Servers"] = dns.Address,
                ["PrivacyProxy__Egress__Resolver__Timeout"] = "00:00:03",
                ["PrivacyProxy__Egress__Resolver__Attempts"] = "1",
            });
        await IsRefusedAsync(proxy, ProxyVersion.Http1, "absent.example.com:443", 502, "dns_error");
        await IsRefusedAsync(proxy, ProxyVersion.Http1, "failing.example.com:443", 502, "dns_error");
        await IsRefusedAsync(proxy, ProxyVersion.Http1, "silent.example.com:443", 504, "dns_timeout");
        var found = await TunnelProbe.AnswerAsync(
            proxy, ProxyVersion.Http1, $"a-127-0-0-1.example.com:{origin.Port}", Credentials.Field(ProductFixture.Preshared));
        Assert.Equal(200, found.Status);
        ProductAssert.LogIsClean(proxy, "example.com");
    }

    private static async Task IsRefusedAsync(ProxyProcess proxy, ProxyVersion version, string authority, int status, string error)
    {
        await using var probe = await TunnelProbe.ConnectAsync(proxy, version, authority, [Credentials.Field(ProductFixture.Preshared)], early: "GET / HTTP/1.1\r\n\r\n");
        ProductAssert.IsRefusal(await probe.ReadHeadAsync(), status, error);
        await ProductAssert.IsClosedAsync(probe);
        ProductAssert.LogIsClean(proxy, authority, probe.LocalAddress);
    }
}
