using PrivacyProxy.Certificates;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>The certificate that the issuer shows, and the settings it was started with.</summary>
/// <param name="Settings">With the names of its files.</param>
/// <param name="Tls">Null where no URL is https.</param>
internal sealed record IssuerCertificate(IssuerSettings Settings, ServerTls? Tls);
