using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace PrivacyRelay.Upstream;

/// <summary>Says once that a proxy's certificate is not trusted, and what helps; again only after it was trusted meanwhile.</summary>
/// <param name="name">The proxy in sentences.</param>
/// <param name="logger">Gets the line.</param>
internal sealed partial class TrustNotice(string name, ILogger logger)
{
    private int _isTold;

    public void Trusted() => Volatile.Write(ref _isTold, 0);

    public void Untrusted(X509Chain? chain, SslPolicyErrors errors)
    {
        if (Interlocked.Exchange(ref _isTold, 1) == 0) LogUntrusted(name, Reason(chain, errors));
    }

    private static string Reason(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return "it has none; is it a proxy with TLS (--proxy http:// is one without)?";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return "it is for another name; give --proxy the name that the certificate has";
        return chain?.ChainStatus.Any(static status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)) == true
            ? "it has expired or is not valid yet; the proxy needs a new one, or the clock of this machine is wrong"
            : "its authority is not known here; give the authority's certificate (ca.pem of a proxy that made its own) with --proxy-ca FILE";
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Error, Message = "{Name}'s certificate is not trusted: {Reason}")]
    private partial void LogUntrusted(string name, string reason);
}
