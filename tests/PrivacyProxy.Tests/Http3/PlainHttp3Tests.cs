using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Http3;

/// <summary>Plain requests and client certificates over HTTP/3: in memory, and over real QUIC where there is libmsquic.</summary>
public sealed class PlainHttp3Tests
{
    public static TheoryData<TestWay> Ways => [TestWay.Http3, TestWay.Http3Quic];

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_plain_request_is_forwarded_with_its_content_and_trailers_and_the_answers_come_back(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, forwards: true);
        using var origin = new TestOrigin();
        await using var client = await ConnectAsync(proxy, way);
        var request = await client.RequestAsync(Plain(origin.Authority, ("trailer", "x-sum"), Good));
        await request.SendDataAsync("hello"u8.ToArray());
        await request.SendHeadAsync([new("x-sum", "12345"), new("proxy-authorization", "x")]);
        request.End();

        var answered = request.ReadHeadAsync();
        var accepted = origin.AcceptAsync();
        // A refusal would come instead.
        if (await Task.WhenAny(accepted, answered) == answered) Assert.Equal(200, (await answered).Status);
        using var asked = await accepted;
        var text = await ReadToAsync(asked, "x-sum: 12345\r\n\r\n");
        Assert.StartsWith($"POST /a?b=c HTTP/1.1\r\n", text, StringComparison.Ordinal);
        Assert.Contains($"Host: {origin.Authority}\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith("5\r\nhello\r\n0\r\nx-sum: 12345\r\n\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy-authorization", text, StringComparison.OrdinalIgnoreCase);
        await asked.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Other: 1\r\n\r\nworld"));

        var answer = await answered.WaitAsync(TestTimes.Limit);
        Assert.Equal((200, "1"), (answer.Status, answer["x-other"]));
        Assert.StartsWith("proxy;dur=", answer["server-timing"], StringComparison.Ordinal);
        Assert.Equal("world", await ReadAsync(request));
        Assert.Equal("Preshared good", Assert.Single(proxy.Redeemer.Seen).ProxyAuthorization);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Without_credentials_it_is_challenged_and_no_origin_is_asked(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, forwards: true);
        await using var client = await ConnectAsync(proxy, way);
        var request = await client.RequestAsync(Plain("origin.test:80"));
        request.End();
        var answer = await request.ReadHeadAsync().WaitAsync(TestTimes.Limit);
        Assert.Equal((401, "privacy-proxy; error=http_request_denied"), (answer.Status, answer["proxy-status"]));
        Assert.Empty(proxy.Egress.Seen);
    }

    [Fact]
    public async Task What_a_client_showed_in_its_handshake_is_looked_at_for_tunnels_and_plain_requests()
    {
        using var certificate = new TestAuthority().Issue(forClients: true);
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3, forwards: true);
        proxy.Http3.ClientCertificate = certificate;
        proxy.Redeemer.Decide = credentials => credentials.Certificate?.Thumbprint == certificate.GetCertHashString(HashAlgorithmName.SHA256) ? RedemptionResult.CertificateAccepted : RedemptionResult.Missing;
        using var origin = new TestOrigin();
        await using var client = await ConnectAsync(proxy, TestWay.Http3);
        var tunnel = await client.RequestAsync(Http3Fields.Connect(origin.Authority));
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        using var first = await origin.AcceptAsync();
        var request = await client.RequestAsync(Plain(origin.Authority));
        request.End();
        using var second = await origin.AcceptAsync();
        await ReadToAsync(second, "\r\n\r\n");
        await second.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\n\r\n"));
        Assert.Equal(204, (await request.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
    }

    private static (string, string) Good => (Http3Fields.Good.Key, Http3Fields.Good.Value);

    private static IEnumerable<KeyValuePair<string, string>> Plain(string authority, params (string Name, string Value)[] fields) =>
        [new(":method", "POST"), new(":scheme", "http"), new(":authority", authority), new(":path", "/a?b=c"), .. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))];

    private static async Task<Http3Client> ConnectAsync(ProxyFixture proxy, TestWay way) => await Http3Client.OpenAsync(
        way == TestWay.Http3Quic && OperatingSystem.IsLinux() ? await QuicTransportConnection.ConnectAsync(proxy.EndPoint, static (_, certificate, _, _) => certificate is not null) : proxy.Http3.Connect());

    private static async Task<string> ReadToAsync(Socket socket, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith(end, StringComparison.OrdinalIgnoreCase))
        {
            using var deadline = new CancellationTokenSource(TestTimes.Limit);
            var count = 0;
            try
            {
                count = await socket.ReceiveAsync(buffer, deadline.Token);
            }
            catch (OperationCanceledException)
            {
                // Told of below.
            }

            Assert.True(count > 0, text.ToString());
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    private static async Task<string> ReadAsync(Http3Request request)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await request.ReadAsync(buffer).WaitAsync(TestTimes.Limit) is var count and > 0) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }
}
