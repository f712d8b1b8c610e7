using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption.Certificates;

/// <summary>How many tunnels the holder of each certificate has open, where that is limited. Holds nothing of those who have none.</summary>
internal sealed class CertificateTunnels(IOptionsMonitor<AuthenticationOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <summary>One more; false when it is one too many. Given back by <see cref="Close"/>.</summary>
    public bool TryOpen(PeerCertificate certificate)
    {
        var limit = options.CurrentValue.ClientCertificates.MaxTunnels;
        lock (_gate)
        {
            var open = _open.GetValueOrDefault(certificate.Thumbprint);
            if (limit > 0 && open >= limit) return false;
            _open[certificate.Thumbprint] = open + 1;
            return true;
        }
    }

    public void Close(PeerCertificate certificate)
    {
        lock (_gate)
        {
            if (--_open[certificate.Thumbprint] == 0) _open.Remove(certificate.Thumbprint);
        }
    }
}
