using PrivacyProxy.Certificates;

namespace PrivacyProxy.Commands.Services;

/// <summary>The certificate that a service shows, read again when its files change.</summary>
/// <param name="settings">Those of the start, with the names of its files.</param>
/// <param name="section">Theirs.</param>
/// <param name="tls">Null where no URL is https.</param>
internal sealed class ServiceCertificate(ServiceSettings settings, string section, ServerTls? tls)
{
    private volatile ServiceSettings _inForce = settings;

    public IEnumerable<string> Files => new[] { _inForce.Certificate, _inForce.CertificateKey }.OfType<string>();

    /// <summary>Loads that of other settings; what is returned shows it.</summary>
    /// <exception cref="Configuration.InvalidConfigurationException">It cannot be used.</exception>
    public Action Prepare(ServiceSettings next)
    {
        Action use = () => _inForce = next;
        return tls is not null && next.Certificate is { } file ? use + tls.Prepare(ServerCertificate.Load(file, next.CertificateKey, section)) : use;
    }
}
