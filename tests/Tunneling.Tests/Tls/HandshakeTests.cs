using System.Net.Security;
using System.Security.Authentication;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class HandshakeTests
{
    private static readonly TestAuthority _authority = new();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_carry_bytes_both_ways(SslProtocols version)
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            Assert.True(end.Session.HasPendingRead);
            Assert.Equal(TlsStatus.Done, end.WriteAll(end.ReadExactly(5)));
            return (end.Session.Version, end.Session.CipherSuite, end.Session.ServerName);
        });
        await using var client = await server.ConnectAsync(options => options.EnabledSslProtocols = version);
        await client.WriteAsync("hello"u8.ToArray());
        var answer = new byte[5];
        await client.ReadExactlyAsync(answer).AsTask().WaitAsync(TlsEnd.Patience);
        Assert.Equal("hello"u8.ToArray(), answer);
        var (served, suite, name) = await serving;
        Assert.Equal(version == SslProtocols.Tls12 ? TlsVersion.Tls12 : TlsVersion.Tls13, served);
        Assert.Equal(client.NegotiatedCipherSuite, suite);
        Assert.Equal("localhost", name);
    }

    [SkippableTheory]
    [InlineData("unsupported protocol", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")]
    [InlineData("unsupported protocol", "-tls1", "-cipher", "ALL:@SECLEVEL=0")]
    [InlineData("no shared cipher", "-tls1_2", "-cipher", "AES128-SHA")]
    [InlineData("no shared cipher", "-tls1_2", "-cipher", "AES128-GCM-SHA256")]
    [InlineData("no shared cipher", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256")]
    [InlineData("no shared cipher", "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256")]
    public async Task Old_versions_and_ciphers_are_refused(string reason, params string[] arguments)
    {
        using var server = NewServer();
        var serving = server.Serve(end => (end.Handshake(), end.Session.Failure));
        await Tool.SClient(server.Port, arguments);
        Assert.Equal((TlsStatus.Failed, reason), await serving);
    }

    [SkippableTheory]
    [InlineData(TlsCipherSuite.TLS_AES_128_GCM_SHA256, "-tls1_3")]
    [InlineData(TlsCipherSuite.TLS_AES_256_GCM_SHA384, "-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384")]
    [InlineData(TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256")]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "-tls1_2")]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384")]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256")]
    public async Task The_cheap_strong_cipher_is_chosen_unless_the_client_cannot_or_prefers_ChaCha(TlsCipherSuite expected, params string[] arguments)
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            return end.Session.CipherSuite;
        });
        await Tool.SClient(server.Port, arguments);
        Assert.Equal(expected, await serving);
    }

    [Theory]
    [InlineData("h2", "http/1.1", "h2")]
    [InlineData("http/1.1", "http/1.1")]
    [InlineData("h2", "x", "h2")]
    [InlineData(null)]
    public async Task The_servers_preferred_common_application_protocol_is_chosen(string? expected, params string[] offered)
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            Assert.Equal(string.Equals(expected, "h2", StringComparison.Ordinal), end.Session.Speaks("h2"u8));
            return end.Session.ApplicationProtocol;
        });
        await using var client = await server.ConnectAsync(options => options.ApplicationProtocols = [.. offered.Select(static name => new SslApplicationProtocol(name))]);
        Assert.Equal(expected, await serving);
        Assert.Equal(expected ?? "", client.NegotiatedApplicationProtocol.ToString());
    }

    [SkippableFact]
    public async Task A_client_with_no_common_application_protocol_is_told_so()
    {
        using var server = NewServer();
        var serving = server.Serve(end => (end.Handshake(), end.Session.Failure));
        var said = await Tool.SClient(server.Port, "-alpn", "smtp,imap");
        Assert.Equal((TlsStatus.Failed, "no application protocol"), await serving);
        Assert.Contains("no application protocol", said, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Intermediates_are_sent_along()
    {
        var intermediate = _authority.Intermediate("Below");
        var pem = intermediate.Issue() is var leaf ? leaf.ExportCertificatePem() + "\n" + intermediate.Pem : "";
        var certificate = TlsCertificate.FromPem(System.Text.Encoding.ASCII.GetBytes(pem), System.Text.Encoding.ASCII.GetBytes(leaf.KeyPem()));
        using var server = new TlsTestServer(new TlsServerContext(new TlsServerOptions(), certificate));
        var serving = server.Serve(end => end.Handshake());
        var seen = new List<string>();
        await using var client = await server.ConnectAsync(options => options.RemoteCertificateValidationCallback = (_, _, chain, _) =>
        {
            seen.AddRange(chain!.ChainPolicy.ExtraStore.Select(static extra => extra.Subject));
            return true;
        });
        Assert.Equal(TlsStatus.Done, await serving);
        Assert.Contains("CN=Below", seen);
    }

    [SkippableFact]
    public async Task Renegotiation_is_refused()
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            return end.ReadToEnd();
        });
        // "R" alone makes s_client renegotiate.
        var said = await Tool.Run("openssl", "R\n", "s_client", "-connect", $"127.0.0.1:{server.Port}", "-tls1_2");
        Assert.Empty((await serving).Data);
        Assert.Contains("RENEGOTIATING", said, StringComparison.Ordinal);
        Assert.Contains("no renegotiation", said, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableFact]
    public async Task Curl_is_served()
    {
        using var server = NewServer();
        var serving = server.Serve(end =>
        {
            Assert.Equal(TlsStatus.Done, end.Handshake());
            Assert.True(end.Read(new byte[4096]).Count > 0);
            end.WriteAll("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes"u8.ToArray());
            end.Shutdown();
            return end.ReadToEnd().End;
        });
        Assert.Equal("yes", await Tool.Run("curl", "", "-sS", "-k", "--http1.1", $"https://127.0.0.1:{server.Port}/"));
        Assert.Contains(await serving, new[] { TlsStatus.EndOfStream, TlsStatus.Truncated, TlsStatus.Failed });
    }

    private static TlsTestServer NewServer(TlsServerOptions? options = null) =>
        new(new TlsServerContext(options ?? new TlsServerOptions(), TlsCertificate.From(_authority.Issue())));
}
