using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Attestation.Quotas;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Knows clients by TLS certificates that are listed or signed by an authority of ours.</summary>
internal sealed class ClientCertificateAttestation : IAttestation, IDisposable
{
    private const string AlternativeNames = "2.5.29.17";

    private readonly TimeProvider _time;
    private readonly IDisposable? _changes;
    private volatile Accepted _accepted;

    public ClientCertificateAttestation(IOptionsMonitor<ClientCertificateAttesterOptions> options, TimeProvider time)
    {
        _accepted = Accepted.Of(options.CurrentValue);
        _changes = options.OnChange(next => _accepted = Accepted.Of(next));
        // A clock that jumps for a moment ends no certificate.
        _time = time as SteadyTimeProvider ?? new SteadyTimeProvider(time);
    }

    public string Description => $"Tokens for {_accepted.Trust.Thumbprints} client certificate(s) and those of {_accepted.Trust.Authorities} authorities.";

    public bool ReadsAuthorization => false;

    public void Dispose() => _changes?.Dispose();

    public async ValueTask<Recognition> RecognizeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (await context.Connection.GetClientCertificateAsync(cancellationToken) is not { } certificate)
            return Recognition.Refused(AttestationResult.Forbidden("A client certificate is needed."));
        var accepted = _accepted;
        var thumbprint = ClientCertificateTrust.ThumbprintOf(certificate);
        return accepted.Trust.Check(certificate, thumbprint, _time.GetUtcNow()) switch
        {
            CertificateStanding.Good => Recognition.Of(new TokenHolder("certificate", accepted.Trust.IsListed(thumbprint) ? thumbprint : NameOf(certificate), accepted.Quota, accepted.Window)),
            CertificateStanding.Expired => Recognition.Refused(AttestationResult.Forbidden("The client certificate is not valid now.")),
            _ => Recognition.Refused(AttestationResult.Forbidden("The client certificate is not one that gets tokens.")),
        };
    }

    /// <summary>One that its authority renews is the same client: its names are, its key need not be.</summary>
    private static string NameOf(X509Certificate2 certificate)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { certificate.IssuerName.RawData, certificate.SubjectName.RawData, certificate.Extensions[AlternativeNames]?.RawData ?? [] })
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(part);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private sealed record Accepted(ClientCertificateTrust Trust, int? Quota, TimeSpan Window)
    {
        public static Accepted Of(ClientCertificateAttesterOptions options) => new(new ClientCertificateTrust(options.Thumbprints, options.Authorities), options.Quota, options.Window);
    }
}
