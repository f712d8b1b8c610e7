using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>TLS ports, the same whatever serves them.</summary>
public sealed class TlsTests
{
    private static readonly string[] _heads = ["CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"];

    public static TheoryData<TestWay> Ways => [TestWay.Http1Tls, TestWay.Http1NativeTls];

    [Theory, MemberData(nameof(Ways))]
    public async Task Who_comes_in_cleartext_is_told_so(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        // The last comes in two parts, and more comes after it than is read at a time.
        foreach (var head in _heads.Append("C" + new string('x', 100_000)))
        {
            await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
            await client.SendTextAsync(head[..1]);
            await client.SendTextAsync(head[1..]);
            var answer = await client.ReadAnswerAsync();
            Assert.Equal((400, "close"), (answer.Status, answer["connection"]));
            Assert.Contains("https://", Encoding.Latin1.GetString(await client.ReadToEndAsync()), StringComparison.Ordinal);
        }

        Assert.Empty(proxy.Redeemer.Seen);
        Assert.Empty(proxy.Logs.Lines);
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 22, 3, 1, 2, 0, 1 })]
    public async Task A_handshake_that_does_not_come_to_its_end_is_ended(byte[] begin)
    {
        var time = new FakeTimeProvider();
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http1NativeTls, time: time);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.WriteAsync(begin);
        await TestTimes.UntilAsync(() => proxy.Connections.Strangers == 1);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1, proxy.Connections.Strangers);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await client.ReadToEndAsync());
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    /// <summary>A client that speaks TLS and then says nothing has its time for the head of a request.</summary>
    [Theory, MemberData(nameof(Ways))]
    public async Task After_the_handshake_silence_is_ended_too(TestWay way)
    {
        var time = new FakeTimeProvider();
        await using var proxy = await ProxyFixture.StartAsync(way, time: time);
        using var handshakes = new HandshakeRecorder(proxy.EndPoint.Port);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: true);
        await TestTimes.UntilAsync(() => handshakes.Ended.Count == 1);
        // Kestrel may still be about to wait: so once more, until it does.
        var ending = client.ReadToEndAsync();
        for (var i = 0; i < 600 && !ending.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(11));
            await Task.WhenAny(ending, Task.Delay(100));
        }

        Assert.Empty(await ending);
        await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
    }

    [Theory]
    [InlineData("1.1", "")]
    [InlineData("2.0", "h2")]
    public async Task What_is_no_tunnel_reaches_the_application_with_the_features_that_Kestrels_own_TLS_leaves(string version, string protocol)
    {
        var answers = new List<string>();
        foreach (var way in new[] { TestWay.Http1Tls, TestWay.Http1NativeTls })
        {
            await using var proxy = await ProxyFixture.StartAsync(way);
            using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
            using var client = new HttpClient(handler) { DefaultRequestVersion = new Version(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = TestTimes.Limit };
            answers.Add(await client.GetStringAsync(new Uri($"https://localhost:{proxy.EndPoint.Port}/tls")));
            Assert.Equal(1, proxy.Connections.Strangers);
            client.Dispose();
            await TestTimes.UntilAsync(() => proxy.Connections.Connections == 0);
            Assert.Empty(proxy.Logs.Lines);
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.Equal($"https Tls13 {protocol} suite:TLS True True", answers[1]);
    }

    [Fact]
    public async Task Handshakes_are_counted_in_Kestrels_families_with_its_labels()
    {
        var counted = new List<string[]>();
        foreach (var way in new[] { TestWay.Http1Tls, TestWay.Http1NativeTls })
        {
            await using var proxy = await ProxyFixture.StartAsync(way);
            using var handshakes = new HandshakeRecorder(proxy.EndPoint.Port);
            // One by one, in the order in which they are compared.
            await using (await Http1TestClient.OpenAsync(proxy.EndPoint, tls: true)) await TestTimes.UntilAsync(() => handshakes.Ended.Count == 1);
            await using (var broken = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false)) await broken.WriteAsync(new byte[] { 22, 3, 1, 2, 0, 1 });
            await TestTimes.UntilAsync(() => handshakes.Ended.Count == 2);
            await using (var plain = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false))
            {
                var strange = new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [new SslApplicationProtocol("strange")] };
                await using var tls = new SslStream(plain.Stream, leaveInnerStreamOpen: true);
                await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(strange).WaitAsync(TestTimes.Limit));
                await TestTimes.UntilAsync(() => handshakes.Ended.Count == 3);
            }

            await TestTimes.UntilAsync(() => handshakes.Active == 0);
            counted.Add([.. handshakes.Ended]);
        }

        Assert.Equal(counted[0], counted[1]);
        Assert.Contains("tls.protocol.version=1.3", counted[1][0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_families_of_handshakes_are_the_same_instruments_as_Kestrels()
    {
        var instruments = new ConcurrentQueue<Instrument>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => { if (instrument.Name == "kestrel.tls_handshake.duration") instruments.Enqueue(instrument); } };
        listener.Start();
        var before = instruments.Count;
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http1NativeTls);
        Assert.Equal(1, instruments.Skip(before).Select(static instrument => instrument.Meter).GroupBy(static meter => meter).Max(static group => group.Count()));
    }

    /// <summary>Many clients just close. What they sent must not be thrown away by a reset.</summary>
    [Theory, MemberData(nameof(Ways))]
    public async Task An_end_without_close_notify_is_a_half_close_after_the_last_byte(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = (Http1TestClient)await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        await client.WriteAsync(new byte[300_000]);
        client.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(300_000, (await TunnelTransferTests.ReadToEndAsync(server)).Length);
        await server.SendAsync("worm"u8.ToArray(), SocketFlags.None);
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("worm"u8.ToArray(), await client.ReadToEndAsync());
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Another_certificate_is_shown_to_new_connections_while_open_ones_go_on(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var before = (Http1TestClient)await TestClient.ConnectAsync(proxy, way);
        await before.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        using var next = TestCertificate.Create();
        proxy.Tls.Prepare(new ServerCertificate(next, []))();
        // Not resumed: then none is shown.
        var full = new SslClientAuthenticationOptions { TargetHost = "localhost", AllowTlsResume = false, RemoteCertificateValidationCallback = static (_, _, _, _) => true };
        await using var plain = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await using var tls = new SslStream(plain.Stream);
        await tls.AuthenticateAsClientAsync(full).WaitAsync(TestTimes.Limit);
        Assert.Equal(next.GetCertHashString(), tls.RemoteCertificate!.GetCertHashString());
        await before.WriteAsync("still here"u8.ToArray());
        Assert.Equal(10, await server.ReceiveAsync(new byte[10]).WaitAsync(TestTimes.Limit));
        // One that resumes goes on too.
        await using var after = await TestClient.ConnectAsync(proxy, way);
        await after.OpenAsync(origin.Authority);
    }

    [Fact]
    public async Task A_certificate_that_OpenSSL_refuses_is_a_fault_of_the_configuration_and_the_one_before_stays()
    {
        using var weak = TestCertificate.CreateWeak();
        using var refused = new ServerTls(new ServerCertificate(weak, []) { File = "weak.pem" });
        var fault = Assert.Throws<InvalidConfigurationException>(refused.ForLoops);
        Assert.Equal("PrivacyProxy:Tls:Certificate is \"weak.pem\": expected a certificate that OpenSSL takes (OpenSSL failed in SSL_CTX_use_cert_and_key: ee key too small)", fault.Message);

        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http1NativeTls);
        await using var before = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: true);
        // Of a reload the file that was read then is named, by the setting that names it.
        var refusedLater = Assert.Throws<InvalidConfigurationException>(() => proxy.Tls.Prepare(new ServerCertificate(weak, []) { File = "later.pem", Setting = "PrivacyIssuer:Certificate" }));
        Assert.StartsWith("PrivacyIssuer:Certificate is \"later.pem\": ", refusedLater.Message, StringComparison.Ordinal);
        await using var after = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: true);
        Assert.Equal(((SslStream)before.Stream).RemoteCertificate, ((SslStream)after.Stream).RemoteCertificate);
    }

    [Fact]
    public void A_certificate_of_clients_is_refused()
    {
        using var client = TestCertificate.CreateForClient("CN=client");
        var fault = Assert.Throws<InvalidConfigurationException>(() => new ServerTls(new ServerCertificate(client, []) { File = "client.pem" }));
        Assert.Equal("PrivacyProxy:Tls:Certificate is \"client.pem\": expected a certificate for servers, by its extended key usage", fault.Message);
    }

    [Fact]
    public async Task Without_OpenSSL_3_Kestrel_serves_TLS_and_one_line_says_so()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http1NativeTls, tlsProblem: "OpenSSL's libssl.so.3 was not found; install the package libssl3.");
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, TestWay.Http1NativeTls);
        await client.OpenAsync(origin.Authority);
        Assert.False(Assert.Single(proxy.Egress.Seen).OnLoop);
        Assert.Single(proxy.Logs.Lines, static line => line.StartsWith("Listeners:Engine Native cannot serve https addresses here (OpenSSL's libssl.so.3 was not found; install the package libssl3): Kestrel serves those.", StringComparison.Ordinal));
    }

    /// <summary>What Kestrel's families of handshakes say of one port.</summary>
    private sealed class HandshakeRecorder : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _active;

        public HandshakeRecorder(int port)
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name.Contains("tls_handshake", StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
            };
            // Other tests have proxies of their own.
            _listener.SetMeasurementEventCallback<double>((_, _, labels, _) =>
            {
                if (IsOf(port, labels)) Ended.Enqueue(string.Join(' ', labels.ToArray().Where(static label => label.Key != "server.port").Select(static label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal)));
            });
            _listener.SetMeasurementEventCallback<long>((_, change, labels, _) =>
            {
                if (IsOf(port, labels)) Interlocked.Add(ref _active, change);
            });
            _listener.Start();
        }

        /// <summary>The labels of each.</summary>
        public ConcurrentQueue<string> Ended { get; } = new();

        public long Active => Interlocked.Read(ref _active);

        public void Dispose() => _listener.Dispose();

        private static bool IsOf(int port, ReadOnlySpan<KeyValuePair<string, object?>> labels)
        {
            foreach (var label in labels)
                if (label.Key == "server.port" && Equals(label.Value, port)) return true;
            return false;
        }
    }
}
