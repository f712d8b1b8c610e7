using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.FunctionalTests.Http3;

/// <summary>The proxy's own process over real QUIC, where the machine has libmsquic.</summary>
[SupportedOSPlatform("linux")]
public sealed class QuicTests
{
    [SkippableFact]
    public async Task Extended_connect_is_announced_and_a_tunnel_carries_bytes_over_real_quic()
    {
        await using var proxy = await QuicProxy.StartAsync();
        await using var client = await Http3Client.OpenAsync(await proxy.ConnectAsync());
        Assert.Equal(1ul, (await client.Settings.WaitAsync(TestTimes.Limit))[Http3Codes.EnableConnectProtocol]);

        using var origin = new TestOrigin();
        var tunnel = await client.RequestAsync(Http3Fields.Connect($"127.0.0.1:{origin.Port}", new KeyValuePair<string, string>("proxy-authorization", QuicProxy.Credentials)));
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        using var server = await origin.AcceptAsync();
        var buffer = new byte[8];
        await tunnel.SendDataAsync("ping"u8.ToArray());
        Assert.Equal(4, await server.ReceiveAsync(buffer, SocketFlags.None).WaitAsync(TestTimes.Limit));
        await server.SendAsync(buffer.AsMemory(0, 4), SocketFlags.None);
        Assert.Equal(4, await tunnel.ReadAsync(buffer).WaitAsync(TestTimes.Limit));
        server.Close(0);
        var aborted = await Assert.ThrowsAsync<StreamAbortedException>(() => tunnel.ReadAsync(buffer).WaitAsync(TestTimes.Limit));
        Assert.Equal(Http3Codes.ConnectError, aborted.Code);
    }

    [SkippableTheory]
    [InlineData("UnderLoad", false)]
    [InlineData("Always", true)]
    public async Task A_client_shows_by_Retry_that_it_is_at_its_address_where_that_is_asked_for(string when, bool isRetried)
    {
        await using var proxy = await QuicProxy.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__Listeners__Quic__AddressValidation"] = when });
        var connection = await MsQuicConnection.ConnectAsync(new IPEndPoint(IPAddress.Loopback, proxy.Port));
        await using var client = await Http3Client.OpenAsync(connection);
        Assert.Equal(isRetried, connection.Quic.IsRetried);
        using var origin = new TestOrigin();
        var tunnel = await client.RequestAsync(Http3Fields.Connect($"127.0.0.1:{origin.Port}", new KeyValuePair<string, string>("proxy-authorization", QuicProxy.Credentials)));
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
    }

    [SkippableTheory]
    [InlineData("connect-udp", "00050070696e67", "00050070696e67")]
    [InlineData("connect-tcp", "a028d7f00470696e67", "a028d7f08000000470696e67")]
    public async Task A_templated_tunnel_carries_capsules_over_real_quic(string protocol, string sent, string expected)
    {
        await using var proxy = await QuicProxy.StartAsync();
        await using var tcp = TcpOrigin.Echo();
        using var udp = new UdpEcho();
        var path = protocol == "connect-udp" ? $"udp/127.0.0.1/{udp.Port}/" : $"tcp/127.0.0.1/{tcp.Port}/";
        await using var client = await Http3TestClient.OpenAsync(await proxy.ConnectAsync());
        await client.SendTemplatedAsync(protocol, "/.well-known/masque/" + path, ("authorization", QuicProxy.Credentials), ("capsule-protocol", "?1"));
        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);

        await client.WriteAsync(Convert.FromHexString(sent));
        var received = new byte[expected.Length / 2];
        for (var read = 0; read < received.Length;)
        {
            var count = await client.ReadAsync(received.AsMemory(read)).WaitAsync(TestTimes.Limit);
            Assert.NotEqual(0, count);
            read += count;
        }

        Assert.Equal(expected, Convert.ToHexStringLower(received));
    }

    [SkippableFact]
    public async Task A_client_certificate_opens_tunnels_and_plain_requests_over_real_quic_and_one_that_is_not_good_does_not()
    {
        const string Section = "PrivacyProxy__Authentication__ClientCertificates__";
        using var directory = new TemporaryDirectory();
        var authority = new TestAuthority();
        await File.WriteAllTextAsync(directory.File("authority.pem"), authority.Pem);
        await using var proxy = await QuicProxy.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { [Section + "Use"] = "Accepted", [Section + "Authorities"] = directory.File("authority.pem") });
        await using var origin = new Forwarding.PageOrigin();
        using var good = authority.Issue(forClients: true);
        using var server = authority.Issue();
        using var stranger = new TestAuthority("Stranger").Issue(forClients: true);
        using var expired = authority.Issue(expired: true, forClients: true);
        foreach (var (certificate, connect, plain) in new[] { ((X509Certificate2?)good, 200, 200), (server, 407, 407), (stranger, 407, 407), (expired, 407, 407), (null, 407, 407) })
        {
            await using var client = await Http3Client.OpenAsync(await proxy.ConnectAsync(certificate));
            var tunnel = await client.RequestAsync(Http3Fields.Connect(origin.Authority));
            Assert.Equal(connect, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
            var request = await client.RequestAsync([new(":method", "GET"), new(":scheme", "http"), new(":authority", origin.Authority), new(":path", "/hello")]);
            request.End();
            Assert.Equal(plain, (await request.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        }
    }
}
