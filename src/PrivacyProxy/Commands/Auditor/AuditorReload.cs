using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Reloading;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>What the auditor reads again: log levels and the certificate. Its other settings are checked, and wait for a restart.</summary>
/// <param name="settings">Those of the start.</param>
/// <param name="tls">Null where no URL is https.</param>
internal sealed class AuditorReload(AuditorSettings settings, ServerTls? tls = null) : IReloadPlan
{
    private AuditorSettings _inForce = settings;

    public IEnumerable<string> Files => new[] { _inForce.Certificate, _inForce.CertificateKey }.OfType<string>();

    public Action Prepare(IConfiguration next)
    {
        ConsoleLogging.Check(next);
        var read = OptionsReader.Read<AuditorSettings>(next.GetSection(AuditorSettings.Section));
        Action use = () => _inForce = read;
        return tls is not null && read.Certificate is { } file ? use + tls.Prepare(ServerCertificate.Load(file, read.CertificateKey, AuditorSettings.Section)) : use;
    }

    public void Refresh()
    {
        // It looks at every issuer once an interval.
    }
}
