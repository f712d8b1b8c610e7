namespace Tunneling.Tls;

/// <summary>What a certificate that cannot be used fails for.</summary>
internal enum TlsCertificatePart
{
    Certificate,
    Key,
}

/// <summary>A certificate or key that cannot be used; the message says which and why, and holds nothing of a key.</summary>
internal sealed class TlsCertificateException : Exception
{
    public TlsCertificateException(TlsCertificatePart part, string message)
        : base(message) => Part = part;

    public TlsCertificatePart Part { get; }
}
