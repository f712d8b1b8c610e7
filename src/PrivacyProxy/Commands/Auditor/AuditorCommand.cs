using System.CommandLine;
using PrivacyProxy.Commands.Services;

namespace PrivacyProxy.Commands.Auditor;

/// <summary><c>auditor</c>: sees to it that issuers show everybody the same keys.</summary>
internal static class AuditorCommand
{
    public static Command Create()
    {
        var config = ServiceCommand.ConfigFlag(AuditorSettings.Section);
        var issuers = new Option<string[]>("--issuer") { HelpName = "URL", Description = "Follow this issuer. Repeatable." };
        var keys = new Option<string[]>("--log-key") { HelpName = "KEY", Description = "The key of its log, as its start prints it; one for each --issuer." };
        (Option<string?> Option, string Key)[] settings =
        [
            ServiceCommand.Flag("--urls", "URL[;URL]", nameof(AuditorSettings.Urls), "Where to listen. Default: http://127.0.0.1:8090."),
            ServiceCommand.Flag("--name", "AUTHORITY", nameof(AuditorSettings.Name), "The name in its cosignatures. Default: the first address."),
            ServiceCommand.Flag("--data", "DIR", nameof(AuditorSettings.Data), "The folder of its key, its copies of logs and its findings. Default: auditor-data."),
            ServiceCommand.Flag("--interval", "HH:MM:SS", nameof(AuditorSettings.Interval), "How often each issuer is looked at. Default: 00:01:00."),
            ServiceCommand.Flag("--certificate", "FILE", nameof(AuditorSettings.Certificate), "The server certificate of https URLs, PEM."),
            ServiceCommand.Flag("--certificate-key", "FILE", nameof(AuditorSettings.CertificateKey), "The private key of the certificate, PEM."),
        ];
        var command = new Command("auditor", "Follows issuers and cosigns their key logs; says when one shows different keys in different places.") { config, issuers, keys };
        foreach (var (option, _) in settings) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(issuers) ?? []).Length != (result.GetValue(keys) ?? []).Length) result.AddError("Give one --log-key for each --issuer, in the same order.");
        });
        command.SetAction((arguments, cancellationToken) =>
        {
            var given = new GivenFlags();
            var flags = ServiceCommand.Read(arguments, AuditorSettings.Section, settings, given);
            foreach (var (i, (url, key)) in (arguments.GetValue(issuers) ?? []).Zip(arguments.GetValue(keys) ?? []).Index())
            {
                var issuer = $"{AuditorSettings.Section}:{nameof(AuditorSettings.Issuers)}:{i}";
                given.Add(issuers.Name, $"{issuer}:{nameof(AuditedIssuerSettings.Directory)}");
                given.Add(keys.Name, $"{issuer}:{nameof(AuditedIssuerSettings.LogKey)}");
                flags.Add(new($"{issuer}:{nameof(AuditedIssuerSettings.Directory)}", url));
                flags.Add(new($"{issuer}:{nameof(AuditedIssuerSettings.LogKey)}", key));
            }

            return ServiceCommand.RunAsync(starting => StartAsync(arguments.GetValue(config), flags, starting), given, cancellationToken);
        });
        return command;
    }

    private static async Task<StartedService> StartAsync(string? configFile, IEnumerable<KeyValuePair<string, string?>> flags, CancellationToken cancellationToken)
    {
        var (application, urls, key) = await AuditorHost.StartAsync(configFile, flags, cancellationToken);
        return new StartedService(application, urls, [$"Its cosignatures are checked with: {key}"]);
    }
}
