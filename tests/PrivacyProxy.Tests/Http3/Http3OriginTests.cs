using System.Net;

namespace PrivacyProxy.Tests.Http3;

/// <summary>How clients learn of HTTP/3 and of what it serves.</summary>
public sealed class Http3OriginTests
{
    [Fact]
    public async Task The_settings_say_that_extended_connect_is_served()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var settings = await client.Settings.WaitAsync(TestTimes.Limit);
        Assert.Equal(1ul, settings[Http3Codes.EnableConnectProtocol]);
        // And what Kestrel says itself: SETTINGS_MAX_FIELD_SECTION_SIZE.
        Assert.Equal(32ul * 1024, settings[0x06]);
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("2.0", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", true)]
    public async Task An_ordinary_answer_names_the_alternative_and_one_to_connect_does_not(string version, bool onEngine)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: true, http3: true, engine: onEngine ? PrivacyProxy.Listeners.Engine.ListenerEngine.Native : null);
        using var http = Client();
        using var answer = await GetAsync(http, proxy, version);
        // HttpClient leaves out the age of a day, which is the default.
        Assert.Equal([$"h3=\":{proxy.EndPoint.Port}\""], answer.Headers.GetValues("alt-svc"));

        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, version == "1.1" ? TestWay.Http1Tls : TestWay.Http2Tls);
        Assert.Null((await client.RequestAsync(origin.Authority))["alt-svc"]);
        await using var paying = await TestClient.ConnectAsync(proxy, version == "1.1" ? TestWay.Http1Tls : TestWay.Http2Tls);
        var opened = await paying.RequestAsync(origin.Authority, ("proxy-authorization", TestClient.GoodCredentials));
        Assert.Equal(200, opened.Status);
        Assert.Null(opened["alt-svc"]);
    }

    [Fact]
    public async Task On_http3_itself_nothing_is_said_of_an_alternative()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var request = await client.RequestAsync(
            [new(":method", "GET"), new(":scheme", "https"), new(":authority", "proxy.test"), new(":path", "/")]);
        request.End();
        var answer = await request.ReadHeadAsync().WaitAsync(TestTimes.Limit);
        Assert.Equal(200, answer.Status);
        Assert.Null(answer["alt-svc"]);
    }

    [Fact]
    public async Task A_listener_without_http3_names_no_alternative()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http2Tls);
        using var http = Client();
        using var answer = await GetAsync(http, proxy, "2.0");
        Assert.False(answer.Headers.Contains("alt-svc"));
    }

    [Theory]
    [InlineData("/.well-known/masque/udp/origin.test/443/", 401)]
    [InlineData("/.well-known/masque/tcp/origin.test/443/", 401)]
    [InlineData("/.well-known/masque/udp/origin.test/0/", 400)]
    [InlineData("/.well-known/masque/tcp/origin.test/65536/", 400)]
    [InlineData("/.well-known/masque/udp/fe80%3A%3A1%25eth0/443/", 400)]
    [InlineData("/.well-known/masque/ip/origin.test/17/", 404)]
    public async Task A_request_that_gets_no_tunnel_is_answered_as_a_resource_of_the_proxys_own(string path, int status)
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var request = await client.RequestAsync(Http3Fields.Extended("connect-udp", path));
        var answer = await request.ReadHeadAsync().WaitAsync(TestTimes.Limit);
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 401, answer["www-authenticate"] is not null);
        Assert.Null(answer["proxy-authenticate"]);
        Assert.Equal(0, await request.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        Assert.Empty(proxy.Egress.Seen);
        Assert.Empty(proxy.UdpEgress.Seen);
    }

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
    });

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, ProxyFixture proxy, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{proxy.EndPoint.Port}/")
        {
            Version = Version.Parse(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var answer = await client.SendAsync(request).WaitAsync(TestTimes.Limit);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }
}
