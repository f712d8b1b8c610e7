using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class ClientCertificateTests
{
    private static readonly TestAuthority _authority = new("Clients' CA");
    private static readonly TestAuthority _other = new("Other CA");

    public static TheoryData<SslProtocols> Versions => [SslProtocols.Tls12, SslProtocols.Tls13];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_certificate_of_the_authority_is_accepted_and_available(SslProtocols version)
    {
        using var certificate = _authority.Issue(forClients: true);
        using var server = NewServer(ClientCertificates.Required);
        var serving = server.Serve(end => (end.Handshake(), end.Session.GetClientCertificate(), end.Session.ClientCertificateProblem));
        await using var client = await Connect(server, version, certificate);
        var (status, shown, problem) = await serving;
        Assert.Equal(TlsStatus.Done, status);
        Assert.Equal(certificate.RawData, shown);
        Assert.Null(problem);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Without_one_an_optional_request_passes_and_a_required_one_fails(SslProtocols version)
    {
        using var optional = NewServer(ClientCertificates.Optional);
        var serving = optional.Serve(end => (end.Handshake(), end.Session.GetClientCertificate(), end.Session.ClientCertificateProblem));
        await using (await Connect(optional, version, null)) Assert.Equal((TlsStatus.Done, null, null), await serving);

        using var required = NewServer(ClientCertificates.Required);
        Assert.Equal((TlsStatus.Failed, "peer did not return a certificate"), await Refused(required, version, null));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Expired_foreign_and_unfit_certificates_fail_the_handshake(SslProtocols version)
    {
        using var server = NewServer(ClientCertificates.Optional);
        using var expired = _authority.Issue(forClients: true, expired: true);
        using var foreign = _other.Issue(forClients: true);
        using var unfit = _authority.Issue(forClients: false);
        foreach (var certificate in new[] { expired, foreign, unfit })
            Assert.Equal((TlsStatus.Failed, "certificate verify failed"), await Refused(server, version, certificate));
    }

    [Fact]
    public async Task Invalid_ones_are_let_through_to_be_judged_where_that_is_asked_for()
    {
        using var server = NewServer(ClientCertificates.Required, admit: true);
        using var expired = _authority.Issue(forClients: true, expired: true);
        using var foreign = _other.Issue(forClients: true);
        foreach (var (certificate, problem) in new[] { (expired, "certificate has expired"), (foreign, "unable to get local issuer certificate") })
        {
            var serving = server.Serve(end => (end.Handshake(), end.Session.GetClientCertificate(), end.Session.ClientCertificateProblem));
            await using var client = await Connect(server, SslProtocols.Tls13, certificate);
            var (status, shown, said) = await serving;
            Assert.Equal(TlsStatus.Done, status);
            Assert.Equal(certificate.RawData, shown);
            Assert.True(said == problem || said == "unable to verify the first certificate", said);
        }
    }

    [SkippableFact]
    public async Task A_certificate_shown_without_its_key_is_refused()
    {
        // TLS 1.2 shows CertificateVerify in the clear: a byte of its signature is changed on the way.
        using var server = NewServer(ClientCertificates.Required);
        using var certificate = _authority.Issue(forClients: true);
        using var relay = new TamperingRelay(server.Port, static flight => CorruptCertificateVerify(flight));
        var serving = server.Serve(end => (end.Handshake(), end.Session.Failure));
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var file = Path.Combine(folder, "client.pem");
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + certificate.KeyPem());
            await Tool.SClient(relay.Port, "-tls1_2", "-cert", file, "-key", file);
            var (status, failure) = await serving;
            Assert.Equal(TlsStatus.Failed, status);
            Assert.Equal("bad signature", failure);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Authorities_that_cannot_be_read_are_named()
    {
        var options = new TlsServerOptions { ClientCertificates = ClientCertificates.Required, ClientAuthorities = "nothing"u8.ToArray() };
        var exception = Assert.Throws<TlsCertificateException>(() => new TlsServerContext(options, TlsCertificate.From(_authority.Issue())));
        Assert.Contains("authorities of client certificates", exception.Message, StringComparison.Ordinal);
    }

    private static void CorruptCertificateVerify(Span<byte> bytes)
    {
        // Records of the handshake (22) up to ChangeCipherSpec; a message of type 15 is CertificateVerify.
        while (bytes.Length > 5 && bytes[0] == 22)
        {
            var length = (bytes[3] << 8) | bytes[4];
            if (bytes[5] == 15) bytes[5 + length - 1] ^= 1;
            bytes = bytes[(5 + length)..];
        }
    }

    private static async Task<(TlsStatus Status, string? Failure)> Refused(TlsTestServer server, SslProtocols version, X509Certificate2? certificate)
    {
        var serving = server.Serve(end => (end.Handshake(), end.Session.Failure));
        // In TLS 1.3 the client learns of it when it reads.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var client = await Connect(server, version, certificate);
            await client.ReadExactlyAsync(new byte[1]).AsTask().WaitAsync(TlsEnd.Patience);
        });
        return await serving;
    }

    private static Task<SslStream> Connect(TlsTestServer server, SslProtocols version, X509Certificate2? certificate) => server.ConnectAsync(options =>
    {
        options.EnabledSslProtocols = version;
        // The chosen one is sent whatever authorities the server names.
        if (certificate is not null) options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
    });

    private static TlsTestServer NewServer(ClientCertificates mode, bool admit = false) => new(new TlsServerContext(
        new TlsServerOptions { ClientCertificates = mode, ClientAuthorities = Encoding.ASCII.GetBytes(_authority.Pem), AdmitInvalidClientCertificates = admit },
        TlsCertificate.From(_authority.Issue())));
}
