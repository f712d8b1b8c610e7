using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Reloading;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>What the issuer reads again: log levels, the certificate, who gets tokens, and where clients are. Its other settings are checked, and wait for a restart.</summary>
internal sealed class IssuerReload(ServiceCertificate certificate, TokenClients clients, GeofeedFile geofeed, IssuerSettings started) : IReloadPlan
{
    public IEnumerable<string> Files => certificate.Files.Concat(clients.Files).Concat(geofeed.Files);

    public Action Prepare(IConfiguration next)
    {
        ConsoleLogging.Check(next);
        var read = OptionsReader.Read<IssuerSettings>(next.GetSection(IssuerSettings.Section));
        // The attester itself is that of the start.
        var use = read.Attester == started.Attester ? clients.Prepare(IssuerHost.ClientsOf(read)) : static () => { };
        return use + geofeed.Prepare(read.Metadata.Geofeed) + certificate.Prepare(read);
    }

    public void Refresh()
    {
        // It makes its keys itself.
    }
}
