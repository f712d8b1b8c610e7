using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Targets that name no destination: refused on every version, whatever the credentials.</summary>
[Collection(ProductCollection.Name)]
public sealed class BadTargetTests(ProductFixture product)
{
    private static readonly string[] _targets =
    [
        "bad-target.test:0",
        "bad-target.test:65536",
        "bad-target.test:99999999999999999999",
        "bad-target.test:-1",
        "bad-target.test:443x",
        "bad-target.test:+443",
        "bad-target.test:0443",
        "bad-target.test:",
        "bad-target.test",
        ":443",
        "bad-user@bad-target.test:443",
        "bad-user:password@bad-target.test:443",
        "http://bad-target.test:443",
        "https://bad-target.test:443/",
        "/bad-target",
        "*",
        "[::1:443",
        "::1:443",
        "[bad-target.test]:443",
        "[fe80::1%25eth0]:443",
        "127.1:443",
        "0x7f.0.0.1:443",
        "010.0.0.1:443",
        "2130706433:443",
        "bad%2Dtarget.test:443",
        "bad..target.test:443",
        "bad target.test:443",
        "bad\\target.test:443",
        "bad-target.test:443:443",
        new string('b', 64) + ".test:443",
        string.Concat(Enumerable.Repeat("bad-target.", 30)) + "test:443",
    ];

    public static TheoryData<string, ProxyVersion> Cases =>
        Matrix.Of<string, ProxyVersion>(_targets, [ProxyVersion.Http1, ProxyVersion.Http2]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_is_refused(string target, ProxyVersion version)
    {
        await using var probe = await TunnelProbe.ConnectAsync(
            product.Proxy, version, target, [Credentials.Field(ProductFixture.Preshared)], early: "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        try
        {
            ProductAssert.IsRefusal(await probe.ReadHeadAsync(), 400, "http_request_error");
        }
        catch (IOException) when (probe is Http2ProbeStream)
        {
            // Kestrel refuses what is not even a Host as malformed, with PROTOCOL_ERROR (RFC 9113, section 8.1.1).
            Assert.Equal(1u, await ((Http2ProbeStream)probe).ReadResetAsync());
        }

        await ProductAssert.IsClosedAsync(probe);
        ProductAssert.LogIsClean(product.Proxy, "bad-target", "bad-user", "smuggled", probe.LocalAddress);
    }
}
