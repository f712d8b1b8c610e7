using System.Security.Cryptography.X509Certificates;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Which client certificates buy tokens: listed ones, or all that an authority of ours has signed.</summary>
public sealed class ClientCertificateAttesterOptions
{
    /// <summary>SHA-256 thumbprints of client certificates, 64 hexadecimal digits each; colons are ignored.</summary>
    public IList<string> Thumbprints { get; } = [];

    /// <summary>Certificates of authorities whose client certificates are taken (chain, validity and the clientAuth usage are checked; revocation is not).</summary>
    public X509Certificate2Collection Authorities { get; } = [];

    /// <summary>How many tokens each client may have in each <see cref="Window"/>; null, the default, counts none.</summary>
    public int? Quota { get; set; }

    /// <summary>The time after which a quota is full again. Default: 1 hour.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What is wrong with the options, one sentence each.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        if (Thumbprints.Count == 0 && Authorities.Count == 0) errors.Add("Thumbprints or Authorities must hold at least one certificate.");
        for (var i = 0; i < Thumbprints.Count; i++)
            if (!IsThumbprint(Thumbprints[i]))
                errors.Add($"Thumbprints:{i} must be a SHA-256 thumbprint of 64 hexadecimal digits.");
        if (Quota < 0) errors.Add("Quota must not be negative.");
        if (Window < TimeSpan.FromSeconds(1) || Window > TimeSpan.FromDays(366)) errors.Add("Window must be 1 second to 366 days.");
        return errors;
    }

    /// <summary>True for 64 hexadecimal digits, with or without colons.</summary>
    public static bool IsThumbprint(string text) => ClientCertificateTrust.IsThumbprint(text);
}
