using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Gives tokens to clients with a TLS certificate that is listed or signed by an authority of ours.</summary>
internal sealed class ClientCertificateAttester : ITokenRequestAttester, IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly TimeProvider _time;
    private readonly IDisposable? _changes;
    private volatile Accepted _accepted;

    public ClientCertificateAttester(IOptionsMonitor<ClientCertificateAttesterOptions> options, TimeProvider time)
    {
        _accepted = Accepted.Of(options.CurrentValue);
        _changes = options.OnChange(next => _accepted = Accepted.Of(next));
        // A clock that jumps for a moment ends no certificate.
        _time = time as SteadyTimeProvider ?? new SteadyTimeProvider(time);
    }

    public string Description => $"Tokens for {_accepted.Thumbprints.Count} client certificate(s) and those of {_accepted.Authorities.Count} authorities.";

    public void Dispose() => _changes?.Dispose();

    public async ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken)
    {
        var certificate = await context.Connection.GetClientCertificateAsync(cancellationToken);
        if (certificate is null) return AttestationResult.Forbidden("A client certificate is needed.");
        var accepted = _accepted;
        return IsListed(certificate, accepted.Thumbprints) || IsSigned(certificate, accepted.Authorities)
            ? AttestationResult.Allowed
            : AttestationResult.Forbidden("The client certificate is not one that gets tokens.");
    }

    public ValueTask<AttestationResult> AttestBatchAsync(HttpContext context, TokenType type, int count, CancellationToken cancellationToken) =>
        AttestAsync(context, type, cancellationToken);

    private bool IsListed(X509Certificate2 certificate, HashSet<string> thumbprints)
    {
        var now = _time.GetUtcNow().LocalDateTime;
        return now >= certificate.NotBefore && now <= certificate.NotAfter
            && thumbprints.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    private bool IsSigned(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        if (authorities.Count == 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().LocalDateTime;
        return chain.Build(certificate);
    }

    private sealed record Accepted(HashSet<string> Thumbprints, X509Certificate2Collection Authorities)
    {
        public static Accepted Of(ClientCertificateAttesterOptions options) =>
            new(options.Thumbprints.Select(ClientCertificateAttesterOptions.Normalize).ToHashSet(StringComparer.Ordinal), options.Authorities);
    }
}
