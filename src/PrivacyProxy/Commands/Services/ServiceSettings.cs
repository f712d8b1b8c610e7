using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Admission;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Services;

/// <summary>What issuer, attester and auditor are told alike.</summary>
internal abstract class ServiceSettings
{
    /// <param name="url">Where it listens, unless it is told.</param>
    /// <param name="data">Its folder, unless it is told.</param>
    protected ServiceSettings(string url, string data) => (Urls, Data) = ([url], data);

    /// <summary>Where to listen.</summary>
    public IList<string> Urls { get; set; }

    /// <summary>The folder of what is kept over restarts: an issuer's keys, an attester's quotas, an auditor's copies of logs and findings.</summary>
    [Required]
    public string Data { get; set; }

    /// <summary>The server certificate of https URLs, PEM. Where it is not set, issuer and attester make a throw-away one, whose CA is ca.pem in <see cref="Data"/>.</summary>
    public string? Certificate { get; set; }

    /// <summary>The certificate's private key, PEM, where it is not in the same file.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>How many connections are held and what they may cost.</summary>
    public ConnectionOptions Connections { get; set; } = new();

    /// <summary><see cref="Urls"/> of valid settings.</summary>
    internal IReadOnlyList<ListenUrl> ListenUrls => [.. Urls.Select(static text => ListenUrl.TryParse(text, out var url) ? url : null).OfType<ListenUrl>()];

    /// <summary>What is wrong with <see cref="Urls"/>.</summary>
    protected IEnumerable<ValidationResult> CheckUrls()
    {
        if (Urls.Count == 0) yield return new ValidationResult(ListenUrl.Expected, [nameof(Urls)]);
        for (var i = 0; i < Urls.Count; i++)
            if (!ListenUrl.TryParse(Urls[i], out _)) yield return new ValidationResult(ListenUrl.Expected, [$"{nameof(Urls)}:{i}"]);
    }

    /// <summary>The first of <see cref="Urls"/> that is not as it must be.</summary>
    protected IEnumerable<ValidationResult> CheckUrls(Func<ListenUrl, bool> isGood, string expected)
    {
        for (var i = 0; i < Urls.Count; i++)
            if (ListenUrl.TryParse(Urls[i], out var url) && !isGood(url)) yield return new ValidationResult(expected, [$"{nameof(Urls)}:{i}"]);
    }
}
