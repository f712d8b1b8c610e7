using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.Requests;

/// <summary>The certificate that a client showed in its handshake, whatever it is worth. One for all requests of a connection.</summary>
internal sealed class PeerCertificate
{
    private static readonly ConditionalWeakTable<X509Certificate2, PeerCertificate> _known = new();

    private PeerCertificate(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Thumbprint = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256, in capital hexadecimal digits.</summary>
    public string Thumbprint { get; }

    /// <summary>What whoever checks it remembers of it.</summary>
    public object? Remembered { get; set; }

    public static PeerCertificate? Of(X509Certificate2? certificate) => certificate is null ? null : _known.GetValue(certificate, static certificate => new PeerCertificate(certificate));

    /// <summary>Never names its holder.</summary>
    public override string ToString() => nameof(PeerCertificate);
}
