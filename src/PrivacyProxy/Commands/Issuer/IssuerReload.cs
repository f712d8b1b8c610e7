using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Reloading;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>What the issuer reads again: log levels, the certificate, and who gets tokens. Its other settings are checked, and wait for a restart.</summary>
internal sealed class IssuerReload(IssuerCertificate certificate, IssuerClients clients) : IReloadPlan
{
    private IssuerSettings _inForce = certificate.Settings;

    public IEnumerable<string> Files => new[] { _inForce.Certificate, _inForce.CertificateKey, clients.File }.OfType<string>();

    public Action Prepare(IConfiguration next)
    {
        ConsoleLogging.Check(next);
        var read = OptionsReader.Read<IssuerSettings>(next.GetSection(IssuerSettings.Section));
        var use = clients.Prepare(read);
        use += () => _inForce = read;
        if (certificate.Tls is not { } tls || read.Certificate is not { } file) return use;
        return use + tls.Prepare(ServerCertificate.Load(file, read.CertificateKey, IssuerSettings.Section));
    }

    public void Refresh()
    {
        // It makes its keys itself.
    }
}
