using System.CommandLine;
using PrivacyProxy.Commands.Services;

namespace PrivacyProxy.Commands.Attester;

/// <summary><c>attester</c>: decides who gets tokens, before an issuer that knows no clients.</summary>
internal static class AttesterCommand
{
    private const string Issuer = nameof(AttesterSettings.Issuer);
    private const string Oidc = nameof(AttesterSettings.Oidc);

    public static Command Create()
    {
        var config = ServiceCommand.ConfigFlag(AttesterSettings.Section);
        (Option<string?> Option, string Key)[] settings =
        [
            ServiceCommand.Flag("--urls", "URL[;URL]", nameof(AttesterSettings.Urls), "Where clients ask. Default: http://127.0.0.1:8070."),
            ServiceCommand.Flag("--management", "URL", nameof(AttesterSettings.Management), "Where metrics and readiness are told, or none. Default: http://127.0.0.1:9092."),
            ServiceCommand.Flag("--data", "DIR", nameof(AttesterSettings.Data), "The folder of the quotas and of its certificate. Default: attester-data."),
            ServiceCommand.Flag("--issuer", "URL", $"{Issuer}:{nameof(IssuerLinkSettings.Url)}", "The issuer it stands before."),
            ServiceCommand.Flag("--issuer-ca", "FILE", $"{Issuer}:{nameof(IssuerLinkSettings.CaFile)}", "PEM file with the only authorities to trust for the issuer."),
            ServiceCommand.Flag("--issuer-certificate", "FILE", $"{Issuer}:{nameof(IssuerLinkSettings.Certificate)}", "PEM file with the certificate, and its key, by which the issuer knows it. Default: one of its own, made in --data."),
            ServiceCommand.Flag("--oidc-authority", "URL", $"{Oidc}:{nameof(OidcSettings.Authority)}", "Gives tokens for access tokens of this OpenID Connect provider."),
            ServiceCommand.Flag("--oidc-audience", "NAME", $"{Oidc}:{nameof(OidcSettings.Audience)}", "Whom the access tokens are for."),
            ServiceCommand.Flag("--certificate", "FILE", nameof(AttesterSettings.Certificate), "The server certificate of https URLs, PEM. Default: a throw-away one, its CA in ca.pem in --data."),
            ServiceCommand.Flag("--certificate-key", "FILE", nameof(AttesterSettings.CertificateKey), "The private key of the certificate, PEM."),
        ];
        var command = new Command("attester", "Decides who gets tokens and counts quotas, before an issuer that learns nothing of clients.") { config };
        foreach (var (option, _) in settings) command.Options.Add(option);
        command.SetAction((arguments, cancellationToken) =>
        {
            var given = new GivenFlags();
            var flags = ServiceCommand.Read(arguments, AttesterSettings.Section, settings, given);
            return ServiceCommand.RunAsync(starting => AttesterHost.StartAsync(arguments.GetValue(config), flags, starting), given, cancellationToken);
        });
        return command;
    }
}
