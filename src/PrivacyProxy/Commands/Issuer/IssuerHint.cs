using System.Net;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>The command line of a proxy on this machine that takes the tokens of an issuer: as it stands, for a shell.</summary>
internal static class IssuerHint
{
    /// <param name="configuration">The issuer's.</param>
    /// <param name="urls">Where it listens.</param>
    public static string Of(IConfiguration configuration, IReadOnlyList<string> urls)
    {
        var settings = OptionsReader.Read<IssuerSettings>(configuration.GetSection(IssuerSettings.Section));
        var url = Reachable(urls[0]);
        var name = settings.Name ?? new Uri(url).Authority;
        List<string> words = ["privacy-proxy", "serve", "--issuer", $"{name}={url}{IssuerDirectory.WellKnownPath}"];
        // With type 2 the directory is enough, and whoever has the keys makes tokens.
        if (!settings.TokenTypes.Contains((int)TokenType.BlindRsa2048)) words.AddRange(["--issuer-keys", $"{name}={Path.GetFullPath(settings.Data)}"]);
        if (url.StartsWith(Uri.UriSchemeHttps, StringComparison.Ordinal) && settings.Certificate is null)
            words.AddRange(["--issuer-ca", $"{name}={Path.GetFullPath(Path.Combine(settings.Data, CertificateAuthority.FileName))}"]);
        return string.Join(' ', words.Select(Quoted));
    }

    /// <summary>All addresses are none to go to; from this machine it is localhost.</summary>
    private static string Reachable(string text) =>
        ListenUrl.TryParse(text, out var url) && url.IsAny && (url.Host == ListenUrl.AnyHost || IPAddress.TryParse(url.Host, out _)) ? (url with { Host = "localhost" }).ToString() : text;

    private static string Quoted(string word) =>
        word.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '=' or ',' or '@' or '+')
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
