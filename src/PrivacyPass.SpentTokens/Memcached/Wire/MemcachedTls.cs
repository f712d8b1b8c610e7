using System.Security.Cryptography.X509Certificates;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>How TLS to a server is set up.</summary>
internal sealed class MemcachedTls
{
    /// <summary>The only authorities believed; null: those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The name the server's certificate must bear; null: the host of its endpoint.</summary>
    public string? ServerName { get; init; }

    /// <summary>What we prove ourselves with, where the server asks for it.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}
