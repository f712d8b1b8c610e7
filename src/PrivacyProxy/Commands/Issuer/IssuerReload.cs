using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Reloading;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>What the issuer reads again: log levels and the certificate. Its other settings are checked, and wait for a restart.</summary>
internal sealed class IssuerReload(IssuerCertificate certificate) : IReloadPlan
{
    public IEnumerable<string> Files => new[] { certificate.Settings.Certificate, certificate.Settings.CertificateKey }.OfType<string>();

    public Action Prepare(IConfiguration next)
    {
        ConsoleLogging.Check(next);
        var read = OptionsReader.Read<IssuerSettings>(next.GetSection(IssuerSettings.Section));
        if (certificate.Tls is not { } tls || read.Certificate is not { } file) return static () => { };
        return tls.Prepare(ServerCertificate.Load(file, read.CertificateKey, IssuerSettings.Section));
    }

    public void Refresh()
    {
        // It makes its keys itself.
    }
}
