using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Gives tokens to clients with a TLS certificate that is listed or signed by an authority of ours.</summary>
internal sealed class ClientCertificateAttester : ITokenRequestAttester
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly HashSet<string> _thumbprints;
    private readonly X509Certificate2Collection _authorities;
    private readonly TimeProvider _time;

    public ClientCertificateAttester(IOptions<ClientCertificateAttesterOptions> options, TimeProvider time)
    {
        _thumbprints = options.Value.Thumbprints.Select(ClientCertificateAttesterOptions.Normalize).ToHashSet(StringComparer.Ordinal);
        _authorities = options.Value.Authorities;
        // A clock that jumps for a moment ends no certificate.
        _time = time as SteadyTimeProvider ?? new SteadyTimeProvider(time);
    }

    public string Description => $"Tokens for {_thumbprints.Count} client certificate(s) and those of {_authorities.Count} authorities.";

    public async ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken)
    {
        var certificate = await context.Connection.GetClientCertificateAsync(cancellationToken);
        if (certificate is null) return AttestationResult.Forbidden("A client certificate is needed.");
        return IsListed(certificate) || IsSigned(certificate)
            ? AttestationResult.Allowed
            : AttestationResult.Forbidden("The client certificate is not one that gets tokens.");
    }

    private bool IsListed(X509Certificate2 certificate)
    {
        var now = _time.GetUtcNow().LocalDateTime;
        return now >= certificate.NotBefore && now <= certificate.NotAfter
            && _thumbprints.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    private bool IsSigned(X509Certificate2 certificate)
    {
        if (_authorities.Count == 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().LocalDateTime;
        return chain.Build(certificate);
    }
}
