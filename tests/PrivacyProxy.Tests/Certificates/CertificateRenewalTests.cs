using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting.Reloading;
using PrivacyProxy.Hosting.Systemd;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Tests.Certificates;

/// <summary>The files of the certificate change while the proxy runs.</summary>
public sealed class CertificateRenewalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogs _logs = new();
    private readonly ProxyMeter _meter = new();
    private readonly ProxyCertificate _certificate;
    private readonly Reloader _reloader;
    private readonly ServerTls _tls;

    public CertificateRenewalTests()
    {
        Write(TestCertificate.Create());
        var options = new TlsOptions { Certificate = File("c.pem"), CertificateKey = File("k.pem") };
        _certificate = new ProxyCertificate(Options.Create(options), NullLogger<ProxyCertificate>.Instance);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        using var lifetime = new ConfigurationManager();
        var configuration = new LiveConfiguration(file: null, static _ => []);
        configuration.AddTo(lifetime);
        var notice = new ServiceNotice(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
        _reloader = new Reloader(configuration, new Plan(_certificate, options), new ReloadCount(_meter), notice, _time, loggers.CreateLogger<Reloader>());
        _tls = _certificate.Tls([]);
        _tls.ForLoops();
        Assert.True(_reloader.StartAsync(CancellationToken.None).IsCompleted);
    }

    public void Dispose()
    {
        _reloader.Dispose();
        _certificate.Dispose();
        _meter.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_once_it_stood_still_for_a_look()
    {
        using var next = TestCertificate.Create();
        Write(next);
        _time.Advance(Reloader.Interval);
        Assert.NotEqual(next.Thumbprint, await ShownAsync());
        _time.Advance(Reloader.Interval);
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
        Look(2);
        Assert.NotEqual(next.Thumbprint, await ShownAsync());
        Directory.Delete(File("now"));
        Directory.CreateSymbolicLink(File("now"), "second");
        Look(2);
        Assert.Equal(next.Thumbprint, await ShownAsync());
        Assert.Empty(_logs.Lines);
    }

    [Fact]
    public async Task Files_that_are_written_one_after_the_other_raise_no_alarm()
    {
        var before = await ShownAsync();
        using var next = TestCertificate.Create();
        System.IO.File.WriteAllText(File("c.pem"), next.ExportCertificatePem());
        Look(1);
        Assert.Equal(before, await ShownAsync());
        System.IO.File.WriteAllText(File("k.pem"), next.KeyPem());
        Look(2);
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

        Look(5);
        Assert.Equal(before, await ShownAsync());
        Assert.StartsWith($"Changed settings or files are invalid, and none of them is applied: {problem}", Assert.Single(_logs.Lines), StringComparison.Ordinal);

        using var next = TestCertificate.Create();
        Write(next);
        Look(2);
        Assert.Equal(next.Thumbprint, await ShownAsync());
        Assert.Single(_logs.Lines);
    }

    private string File(string name) => Path.Combine(_folder, name);

    private void Look(int times)
    {
        for (var i = 0; i < times; i++) _time.Advance(Reloader.Interval);
    }

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

    /// <summary>The certificate alone.</summary>
    private sealed class Plan(ProxyCertificate certificate, TlsOptions options) : IReloadPlan
    {
        public IEnumerable<string> Files => options.Files;

        public Action Prepare(IConfiguration next) => certificate.Prepare(options);

        public void Refresh()
        {
        }
    }
}
