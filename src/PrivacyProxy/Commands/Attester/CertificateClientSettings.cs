using System.ComponentModel.DataAnnotations;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyProxy.Redemption.Certificates;

namespace PrivacyProxy.Commands.Attester;

/// <summary>Clients that an attester knows by TLS certificates: on where there are thumbprints or authorities.</summary>
internal sealed class CertificateClientSettings : IValidatableObject
{
    /// <summary>SHA-256 thumbprints of certificates that are good whoever made them; hexadecimal, colons are ignored.</summary>
    public IList<string> Thumbprints { get; set; } = [];

    /// <summary>PEM files with the authorities whose certificates are good, and with intermediate ones, which clients do not have to send.</summary>
    public IList<string> Authorities { get; set; } = [];

    /// <summary>Tokens for the holder of each certificate in each window; a renewed one of the same names is the same holder.</summary>
    [Range(0, int.MaxValue)]
    public int Quota { get; set; } = 1000;

    /// <summary>After which the quota is full again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);

    internal bool IsOn => Thumbprints.Count > 0 || Authorities.Count > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < Authorities.Count; i++)
            if (AuthorityFile.Fault(Authorities[i]) is { } fault) yield return new ValidationResult($"a PEM file with certificates of authorities ({fault})", [$"{nameof(Authorities)}:{i}"]);
        for (var i = 0; i < Thumbprints.Count; i++)
            if (!ClientCertificateTrust.IsThumbprint(Thumbprints[i])) yield return new ValidationResult("the SHA-256 of a certificate: 64 hexadecimal digits", [$"{nameof(Thumbprints)}:{i}"]);
    }
}
