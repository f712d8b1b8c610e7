using System.ComponentModel.DataAnnotations;
using PrivacyPass.AspNetCore.Attestation;

namespace PrivacyProxy.Redemption.Certificates;

/// <summary>Clients that come with a certificate, over TLS, in place of a token: section <c>PrivacyProxy:Authentication:ClientCertificates</c>.</summary>
internal sealed class ClientCertificateOptions : IValidatableObject
{
    /// <summary>Whether a good certificate opens tunnels: <c>Off</c>, <c>Accepted</c> beside tokens and keys, or <c>Required</c>, the only way. To and from <c>Off</c> takes a restart.</summary>
    [EnumDataType(typeof(ClientCertificateUse), ErrorMessage = "Off, Accepted or Required")]
    public ClientCertificateUse Use { get; set; }

    /// <summary>PEM files with the authorities whose certificates are good, and with intermediate ones, which clients do not have to send.</summary>
    public IList<string> Authorities { get; set; } = [];

    /// <summary>SHA-256 thumbprints of certificates that are good whoever made them; hexadecimal, colons are ignored.</summary>
    public IList<string> Thumbprints { get; set; } = [];

    /// <summary>Tunnels that the holder of one certificate may have open, on all connections together; 0 for no limit.</summary>
    [Range(0, 10_000_000)]
    public int MaxTunnels { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Use != ClientCertificateUse.Off && Authorities.Count == 0 && Thumbprints.Count == 0) yield return new ValidationResult("Off, or at least one of Authorities or Thumbprints", [nameof(Use)]);
        for (var i = 0; i < Authorities.Count; i++)
            if (AuthorityFile.Fault(Authorities[i]) is { } fault) yield return new ValidationResult($"a PEM file with certificates of authorities ({fault})", [$"{nameof(Authorities)}:{i}"]);
        for (var i = 0; i < Thumbprints.Count; i++)
            if (!ClientCertificateTrust.IsThumbprint(Thumbprints[i])) yield return new ValidationResult("the SHA-256 of a certificate: 64 hexadecimal digits", [$"{nameof(Thumbprints)}:{i}"]);
    }
}
