using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;

namespace PrivacyProxy.Hosting.Reloading;

/// <summary>What the proxy reads again: its options, log levels, the certificate, and on a signal the issuers' directories.</summary>
internal sealed class ProxyReload(IOptions<ProxyOptions> options, ProxyCertificate certificate, IssuerKeyRefresher keys) : IReloadPlan
{
    public IEnumerable<string> Files => options.Value.Files;

    public Action Prepare(IConfiguration next)
    {
        ConsoleLogging.Check(next);
        var read = OptionsReader.Read<ProxyOptions>(next.GetSection(ProxyOptions.Section));
        return certificate.Prepare(read.Tls);
    }

    public void Refresh() => keys.RefreshNow();
}
