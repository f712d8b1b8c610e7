namespace PrivacyRelay.Configuration;

/// <summary>One proxy on the way, and how it is paid.</summary>
/// <param name="proxy"><c>https://host:port</c>, or <c>http://</c> for a proxy without TLS.</param>
/// <param name="issuer">The issuer whose tokens the proxy takes: its URL, or that of its directory. Null with a preshared key.</param>
/// <param name="presharedKey">A key sent with each tunnel instead of a token. Secret.</param>
/// <param name="issuerKeyFile">A file with the bearer key that the issuer wants; null when it wants none.</param>
/// <param name="clientCertificate">The file of a certificate shown to it; null for none.</param>
/// <param name="issuerCertificate">The file of a certificate shown to the issuer; null for none.</param>
internal sealed class HopOptions(Uri proxy, Uri? issuer, string? presharedKey, string? issuerKeyFile = null, string? clientCertificate = null, string? issuerCertificate = null)
{
    public Uri Proxy { get; } = proxy;

    public Uri? Issuer { get; } = issuer;

    public string? IssuerKeyFile { get; } = issuerKeyFile;

    public string? IssuerCertificate { get; } = issuerCertificate;

    public string? PresharedKey { get; } = presharedKey;

    public string? ClientCertificate { get; } = clientCertificate;

    /// <summary>Never prints the key.</summary>
    public override string ToString() => nameof(HopOptions);
}
