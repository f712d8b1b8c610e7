using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyPass;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Redemption.Keys;

/// <summary>An issuer whose tokens the proxy takes, and where its keys come from.</summary>
internal sealed class IssuerOptions : IValidatableObject
{
    /// <summary>The issuer_name of challenges: the issuer's host name, with the port unless 443.</summary>
    public string Name { get; set; } = "";

    /// <summary>The URL of the directory, usually https://NAME/.well-known/private-token-issuer-directory.</summary>
    public string? Directory { get; set; }

    /// <summary>A PEM file of certificate authorities to trust for the directory, instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>The data folder of an issuer on this machine: the way to take type 1 tokens, which need the private key.</summary>
    public string? KeyDirectory { get; set; }

    /// <summary>Type 2 public keys (base64url of the 342-byte encoding); accepted as long as they are configured.</summary>
    public IList<string> PublicKeys { get; set; } = [];

    /// <summary>Type 1 private keys (base64url of the 48-byte scalar); accepted as long as they are configured.</summary>
    [Secret]
    public IList<string> PrivateKeys { get; set; } = [];

    /// <summary>The token types taken: 1 (VOPRF, needs private keys) and 2 (blind RSA); and, experimental, 5 (VOPRF ristretto255, needs private keys) and 55930 (0xDA7A, partially blind RSA with public metadata).</summary>
    public IList<int> TokenTypes { get; set; } = [1, 2];

    /// <summary>How long a key is accepted after its not-before, and after the proxy first saw it where there is none. Spent tokens are kept as long.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a key is still accepted after the directory ceased to list it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan RemovalGrace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often the directory is fetched; a shorter max-age of its answer goes before.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Name.Length is 0 or > 1024 || Name.Any(static c => c is <= ' ' or > '~' or '"' or '\\'))
            yield return new ValidationResult("the issuer's name in printable ASCII, such as issuer.example", [nameof(Name)]);
        if (Directory is null && KeyDirectory is null && PublicKeys.Count == 0 && PrivateKeys.Count == 0)
            yield return new ValidationResult("a directory URL (or KeyDirectory, PublicKeys or PrivateKeys)", [nameof(Directory)]);
        if (Directory is not null && !(Uri.TryCreate(Directory, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return new ValidationResult("an http:// or https:// URL", [nameof(Directory)]);
        if (CaFile is not null && Problem(() => Authorities(CaFile)) is { } noAuthorities) yield return new ValidationResult($"a PEM file of certificates ({noAuthorities})", [nameof(CaFile)]);
        if (TokenTypes.Count == 0 || TokenTypes.Any(static type => type is < 0 or > ushort.MaxValue || !TokenSizes.IsSupported((TokenType)type))) yield return new ValidationResult("some of 1, 2 and, experimental, 5 and 55930", [nameof(TokenTypes)]);
        for (var i = 0; i < PublicKeys.Count; i++)
            if (Problem(() => TokenCryptography.CreateVerifier(Base64Url.DecodeFromChars(PublicKeys[i])).Dispose()) is { } notPublic) yield return new ValidationResult($"base64url of a 342-byte type 2 key ({notPublic})", [$"{nameof(PublicKeys)}:{i}"]);
        for (var i = 0; i < PrivateKeys.Count; i++)
            if (Problem(() => TokenCryptography.ImportIssuer(TokenType.VoprfP384, Base64Url.DecodeFromChars(PrivateKeys[i])).Dispose()) is { } notPrivate) yield return new ValidationResult($"base64url of a 48-byte scalar ({notPrivate})", [$"{nameof(PrivateKeys)}:{i}"]);
    }

    /// <summary>The certificates of a PEM file.</summary>
    /// <exception cref="CryptographicException">It holds none.</exception>
    public static X509Certificate2Collection Authorities(string file)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("it holds no certificate");
    }

    /// <summary>Why it cannot be used, by trying: no other rules than those of who uses it.</summary>
    private static string? Problem(Action use)
    {
        try
        {
            use();
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or FormatException or TokenIssuanceException)
        {
            return exception.Message.ReplaceLineEndings(" ").TrimEnd('.');
        }
    }
}
