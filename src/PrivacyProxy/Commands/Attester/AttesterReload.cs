using PrivacyPass.AspNetCore.Forwarding;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Hosting.Reloading;

namespace PrivacyProxy.Commands.Attester;

/// <summary>What the attester reads again: log levels, both certificates, bearer keys and client certificates, and where clients are. Its other settings are checked, and wait for a restart.</summary>
internal sealed class AttesterReload(ServiceCertificate certificate, TokenClients clients, GeofeedFile geofeed, IssuerLink issuer, AttesterSettings started) : IReloadPlan
{
    public IEnumerable<string> Files =>
        certificate.Files.Concat(clients.Files).Concat(geofeed.Files).Concat(new[] { started.Issuer.Certificate, started.Issuer.CertificateKey }.OfType<string>());

    public Action Prepare(IConfiguration next)
    {
        ConsoleLogging.Check(next);
        var read = OptionsReader.Read<AttesterSettings>(next.GetSection(AttesterSettings.Section));
        var identity = AttesterIdentity.Load(read);
        return clients.Prepare(AttesterHost.ClientsOf(read)) + geofeed.Prepare(read.Geofeed) + certificate.Prepare(read) + (() => issuer.Use(identity));
    }

    public void Refresh()
    {
        // Nothing is fetched now and then but the directory, which clients ask for.
    }
}
