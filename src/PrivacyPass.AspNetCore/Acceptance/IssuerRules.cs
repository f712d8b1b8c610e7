using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>What settings of an issuer can be used.</summary>
internal static class IssuerRules
{
    /// <summary>What is wrong, in words that follow "expected".</summary>
    public static IEnumerable<ValidationResult> ProblemsOf(IIssuerSettings issuer)
    {
        if (issuer.Name.Length is 0 or > 1024 || issuer.Name.Any(static c => c is <= ' ' or > '~' or '"' or '\\'))
            yield return new ValidationResult("the issuer's name in printable ASCII, such as issuer.example", [nameof(issuer.Name)]);
        if (issuer.Directory is null && issuer.KeyDirectory is null && issuer.PublicKeys.Count == 0 && issuer.PrivateKeys.Count == 0)
            yield return new ValidationResult("a directory URL (or KeyDirectory, PublicKeys or PrivateKeys)", [nameof(issuer.Directory)]);
        if (issuer.Directory is not null && !(Uri.TryCreate(issuer.Directory, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return new ValidationResult("an http:// or https:// URL", [nameof(issuer.Directory)]);
        if (issuer.CaFile is not null && Problem(() => Authorities(issuer.CaFile)) is { } noAuthorities) yield return new ValidationResult($"a PEM file of certificates ({noAuthorities})", [nameof(issuer.CaFile)]);
        if (issuer.TokenTypes.Count == 0 || issuer.TokenTypes.Any(static type => type is < 0 or > ushort.MaxValue || !TokenSizes.IsSupported((TokenType)type))) yield return new ValidationResult("some of 1, 2 and, experimental, 5 and 55930", [nameof(issuer.TokenTypes)]);
        for (var i = 0; i < issuer.PublicKeys.Count; i++)
            if (Problem(() => TokenCryptography.CreateVerifier(Base64Url.DecodeFromChars(issuer.PublicKeys[i])).Dispose()) is { } notPublic) yield return new ValidationResult($"base64url of a 342-byte type 2 key ({notPublic})", [$"{nameof(issuer.PublicKeys)}:{i}"]);
        for (var i = 0; i < issuer.PrivateKeys.Count; i++)
            if (Problem(() => TokenCryptography.ImportIssuer(TokenType.VoprfP384, Base64Url.DecodeFromChars(issuer.PrivateKeys[i])).Dispose()) is { } notPrivate) yield return new ValidationResult($"base64url of a 48-byte scalar ({notPrivate})", [$"{nameof(issuer.PrivateKeys)}:{i}"]);
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
