using System.Buffers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PrivacyRelay.Configuration;
using PrivacyRelay.Tests.Fixtures;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Tests.Upstream;

/// <summary>UDP tunnels over each version.</summary>
public sealed class UdpUpstreamTests
{
    private const string Target = "/.well-known/masque/udp/2001%3Adb8%3A%3A1/53/";
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Datagrams_travel_whole_over_HTTP_2()
    {
        using var certificate = TestCertificate.Create();
        await using var proxy = await FakeHttp2Proxy.StartAsync(certificate);
        proxy.Gate.PresharedKey = "k";
        await EchoDatagramsAsync(proxy.Url, certificate, UpstreamVersion.Http2);
        Assert.Equal((Target, "connect-udp", "Preshared k", null), Assert.Single(proxy.Requests));
    }

    [Fact]
    public async Task Datagrams_travel_whole_over_HTTP_1_after_an_upgrade()
    {
        var heads = new List<string>();
        await using var proxy = new LoopbackServer(async (socket, stop) =>
        {
            await using var stream = new NetworkStream(socket);
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)(await TestRelay.ReadAsync(stream, 1))[0]);
            heads.Add(head.ToString());
            await stream.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n\r\n"u8.ToArray(), stop);
            await stream.CopyToAsync(stream, stop);
        });
        await EchoDatagramsAsync(new Uri($"http://127.0.0.1:{proxy.Port}"), roots: null, UpstreamVersion.Auto);
        Assert.Equal(
            $"GET {Target} HTTP/1.1\r\nHost: 127.0.0.1:{proxy.Port}\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\nAuthorization: Preshared k\r\n\r\n",
            Assert.Single(heads));
    }

    [Fact]
    public async Task A_proxy_without_UDP_is_an_error_that_says_so()
    {
        await using var proxy = new FakeProxy { FixedAnswer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" };
        await using var hop = Hop(proxy.Url, roots: null, UpstreamVersion.Http1);
        var e = await Assert.ThrowsAsync<TunnelException>(() => Dialer(hop).OpenUdpAsync(Destination.Create("origin.example", 53)!, CancellationToken.None).AsTask());
        Assert.Equal((TunnelError.ProxyFailed, 404), (e.Error, e.ProxyAnswered));
    }

    private static async Task EchoDatagramsAsync(Uri proxy, X509Certificate2? roots, UpstreamVersion version)
    {
        await using var hop = Hop(proxy, roots, version);
        using var timeout = new CancellationTokenSource(_timeout);
        await using var tunnel = await Dialer(hop).OpenUdpAsync(Destination.Create("2001:db8::1", 53)!, timeout.Token);
        foreach (var size in new[] { 0, 1, 1200, 65_527 })
        {
            var sent = new byte[size];
            new Random(size).NextBytes(sent);
            tunnel.Write(sent);
            await tunnel.FlushAsync(timeout.Token);
            var received = await tunnel.ReceiveAsync(timeout.Token);
            Assert.Equal(sent, received!.Value.ToArray());
        }
    }

    private static TunnelDialer Dialer(Hop hop) => new(hop, _timeout, TimeProvider.System, new TunnelTally(TimeProvider.System));

    private static Hop Hop(Uri proxy, X509Certificate2? roots, UpstreamVersion version)
    {
        var peer = new ProxyPeer(proxy, new TrustPolicy(roots is null ? [] : [roots]), geohash: null);
        return new Hop(new HopProtocols(version, _timeout, TimeProvider.System).Create(peer, before: null), new PresharedCredentials("k"), "The proxy");
    }
}
