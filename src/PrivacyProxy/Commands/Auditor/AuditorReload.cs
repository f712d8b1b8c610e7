using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Reloading;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>What the auditor reads again: log levels and the certificate. Its other settings are checked, and wait for a restart.</summary>
internal sealed class AuditorReload(ServiceCertificate certificate) : IReloadPlan
{
    public IEnumerable<string> Files => certificate.Files;

    public Action Prepare(IConfiguration next)
    {
        ConsoleLogging.Check(next);
        return certificate.Prepare(OptionsReader.Read<AuditorSettings>(next.GetSection(AuditorSettings.Section)));
    }

    public void Refresh()
    {
        // It looks at every issuer once an interval.
    }
}
