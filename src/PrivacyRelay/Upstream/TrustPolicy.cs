using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using PrivacyRelay.Configuration;

namespace PrivacyRelay.Upstream;

/// <summary>Accepts the certificates the system trusts, and those that chain to extra roots for the right name.</summary>
/// <param name="extraRoots">Trusted besides the system's.</param>
/// <param name="file">Where they were read from; read again when it has changed, as with a throw-away authority that was made anew. Null for nowhere.</param>
internal sealed class TrustPolicy(X509Certificate2Collection extraRoots, string? file = null)
{
    private readonly Lock _lock = new();
    private X509Certificate2Collection _extraRoots = extraRoots;

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf || presented is null) return false;
        var roots = Volatile.Read(ref _extraRoots);
        return IsFrom(roots, leaf, presented) || (ReadAgain(roots) is { } others && IsFrom(others, leaf, presented));
    }

    private static bool IsFrom(X509Certificate2Collection roots, X509Certificate2 leaf, X509Chain presented)
    {
        if (roots.Count == 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // Server authentication only: a client certificate of the same CA is no proxy.
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
        foreach (var element in presented.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(leaf);
    }

    /// <summary>Others than those that were looked at, whoever has read them; null where there are none.</summary>
    private X509Certificate2Collection? ReadAgain(X509Certificate2Collection lookedAt)
    {
        if (file is null) return null;
        lock (_lock)
        {
            if (_extraRoots != lookedAt) return _extraRoots;
            try
            {
                // Not by the time of the file: one made anew at once has the same by the system's clock.
                var roots = CertificateFile.Read(file);
                if (roots.Select(static root => root.Thumbprint).SequenceEqual(_extraRoots.Select(static root => root.Thumbprint), StringComparer.Ordinal)) return null;
                _extraRoots = roots;
                return roots;
            }
            catch (InvalidDataException)
            {
                // Being written, perhaps: what was read before stands, and the next certificate asks again.
                return null;
            }
        }
    }
}
