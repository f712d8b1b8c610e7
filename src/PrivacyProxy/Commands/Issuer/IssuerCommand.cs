using System.CommandLine;
using PrivacyProxy.Commands.Issuer.Keys;
using PrivacyProxy.Commands.Services;

namespace PrivacyProxy.Commands.Issuer;

/// <summary><c>issuer</c>: gives Privacy Pass tokens to those an attester lets have them.</summary>
internal static class IssuerCommand
{
    public static Command Create()
    {
        var config = ServiceCommand.ConfigFlag(IssuerSettings.Section);
        (Option<string?> Option, string Key)[] settings =
        [
            ServiceCommand.Flag("--urls", "URL[;URL]", nameof(IssuerSettings.Urls), "Where to listen. Default: http://127.0.0.1:8080."),
            ServiceCommand.Flag("--name", "AUTHORITY", nameof(IssuerSettings.Name), "The issuer name in challenges: the host under which clients reach the issuer."),
            ServiceCommand.Flag("--data", "DIR", nameof(IssuerSettings.Data), "The directory of the keys. Default: issuer-data."),
            ServiceCommand.Flag("--token-types", "2,1", nameof(IssuerSettings.TokenTypes), "1 (VOPRF P-384) and 2 (blind RSA), the preferred one first; experimental: 5 and 55930."),
            ServiceCommand.Flag("--attester", "none|bearer|mtls|separate", nameof(IssuerSettings.Attester), "Who gets tokens; the keys and certificates come from the configuration. Default: none, everybody."),
            ServiceCommand.Flag("--certificate", "FILE", nameof(IssuerSettings.Certificate), "The server certificate of https URLs, PEM. Default: a throw-away one, its CA in ca.pem beside the keys."),
            ServiceCommand.Flag("--certificate-key", "FILE", nameof(IssuerSettings.CertificateKey), "The private key of the certificate, PEM."),
        ];
        var command = new Command("issuer", "Issues Privacy Pass tokens: directory, issuance, key rotation.") { config };
        foreach (var (option, _) in settings) command.Options.Add(option);
        command.Subcommands.Add(IssuerKeysCommand.Create());
        command.SetAction((arguments, cancellationToken) =>
        {
            var given = new GivenFlags();
            var flags = ServiceCommand.Read(arguments, IssuerSettings.Section, settings, given);
            return ServiceCommand.RunAsync(starting => StartAsync(arguments.GetValue(config), flags, starting), given, cancellationToken);
        });
        return command;
    }

    private static async Task<StartedService> StartAsync(string? configFile, IEnumerable<KeyValuePair<string, string?>> flags, CancellationToken cancellationToken)
    {
        var (application, urls) = await IssuerHost.StartAsync(configFile, flags, cancellationToken);
        return new StartedService(application, urls,
        [
            $"Take its tokens with: {IssuerHint.Of(application.Configuration, urls)}",
            $"Its key log is checked with: {application.Services.GetRequiredService<IssuerKeyLog>().Log.Key}",
        ]);
    }
}
