using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Certificates;

namespace PrivacyProxy.Tests.Certificates;

/// <summary>The files of the certificate change while the proxy runs.</summary>
public sealed class CertificateRenewalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogs _logs = new();
    private readonly ProxyCertificate _certificate;
    private readonly CertificateRenewal _renewal;
    private readonly ServerTls _tls;

    public CertificateRenewalTests()
    {
        Write(TestCertificate.Create());
        var options = new TlsOptions { Certificate = File("c.pem"), CertificateKey = File("k.pem") };
        _certificate = new ProxyCertificate(Options.Create(options), NullLogger<ProxyCertificate>.Instance);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        _renewal = new CertificateRenewal(_certificate, _time, loggers.CreateLogger<CertificateRenewal>());
        _tls = _certificate.Tls([]);
        _tls.ForLoops();
        Assert.True(_renewal.StartAsync(CancellationToken.None).IsCompleted);
    }

    public void Dispose()
    {
        _renewal.Dispose();
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_after_the_next_look()
    {
        using var next = TestCertificate.Create();
        Write(next);
        Assert.NotEqual(next.Thumbprint, await ShownAsync());
        _time.Advance(CertificateRenewal.Interval);
        Assert.Equal(next.Thumbprint, await ShownAsync());
        Assert.Empty(_logs.Lines);
    }

    /// <summary>As Kubernetes does it: the files are links into a folder that a link names, and only that is replaced.</summary>
    [Fact]
    public async Task A_new_certificate_behind_links_is_shown_too()
    {
        using var next = TestCertificate.Create();
        Directory.CreateDirectory(File("second"));
        System.IO.File.WriteAllText(File("second/c.pem"), next.ExportCertificatePem());
        System.IO.File.WriteAllText(File("second/k.pem"), next.KeyPem());
        Directory.CreateDirectory(File("first"));
        foreach (var file in new[] { "c.pem", "k.pem" })
        {
            System.IO.File.Move(File(file), File("first/" + file));
            System.IO.File.CreateSymbolicLink(File(file), "now/" + file);
        }

        Directory.CreateSymbolicLink(File("now"), "first");
        _time.Advance(CertificateRenewal.Interval);
        Assert.NotEqual(next.Thumbprint, await ShownAsync());
        Directory.Delete(File("now"));
        Directory.CreateSymbolicLink(File("now"), "second");
        _time.Advance(CertificateRenewal.Interval);
        Assert.Equal(next.Thumbprint, await ShownAsync());
        Assert.Empty(_logs.Lines);
    }

    [Fact]
    public async Task Files_that_are_written_one_after_the_other_raise_no_alarm()
    {
        var before = await ShownAsync();
        using var next = TestCertificate.Create();
        System.IO.File.WriteAllText(File("c.pem"), next.ExportCertificatePem());
        _time.Advance(CertificateRenewal.Interval);
        Assert.Equal(before, await ShownAsync());
        System.IO.File.WriteAllText(File("k.pem"), next.KeyPem());
        _time.Advance(CertificateRenewal.Interval);
        Assert.Equal(next.Thumbprint, await ShownAsync());
        Assert.Empty(_logs.Lines);
    }

    [Theory]
    [InlineData("another key", "PrivacyProxy:Tls:CertificateKey is ")]
    [InlineData("damaged", "PrivacyProxy:Tls:Certificate is ")]
    [InlineData("gone", "PrivacyProxy:Tls:Certificate is ")]
    [InlineData("weak", "PrivacyProxy:Tls:Certificate is ")]
    public async Task One_that_cannot_be_used_is_told_once_and_the_one_before_stays_until_a_good_one_comes(string what, string problem)
    {
        var before = await ShownAsync();
        switch (what)
        {
            case "another key": System.IO.File.WriteAllText(File("k.pem"), TestCertificate.Create().KeyPem()); break;
            case "damaged": System.IO.File.WriteAllText(File("c.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"); break;
            case "gone": System.IO.File.Delete(File("c.pem")); break;
            default: Write(TestCertificate.CreateWeak()); break;
        }

        for (var i = 0; i < 5; i++) _time.Advance(CertificateRenewal.Interval);
        Assert.Equal(before, await ShownAsync());
        Assert.StartsWith($"The certificate has changed and cannot be used: {problem}", Assert.Single(_logs.Lines), StringComparison.Ordinal);

        using var next = TestCertificate.Create();
        Write(next);
        _time.Advance(CertificateRenewal.Interval);
        Assert.Equal(next.Thumbprint, await ShownAsync());
        Assert.Single(_logs.Lines);
    }

    private string File(string name) => Path.Combine(_folder, name);

    private void Write(X509Certificate2 certificate)
    {
        System.IO.File.WriteAllText(File("c.pem"), certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(File("k.pem"), certificate.KeyPem());
    }

    /// <summary>On Kestrel; loops get it before, or there is an exception.</summary>
    private async Task<string> ShownAsync()
    {
        var quic = await _tls.ForQuic().OnConnection(new TlsHandshakeCallbackContext());
        var tcp = new SslServerAuthenticationOptions();
        _tls.ForKestrel().OnAuthenticate!(null!, tcp);
        Assert.Same(quic.ServerCertificateContext, tcp.ServerCertificateContext);
        return tcp.ServerCertificateContext!.TargetCertificate.Thumbprint;
    }
}
