using System.CommandLine;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Auditor;

/// <summary><c>auditor</c>: sees to it that issuers show everybody the same keys.</summary>
internal static class AuditorCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { HelpName = "FILE", Description = $"Read the section {AuditorSettings.Section} of this JSON file over appsettings.json." };
        var issuers = new Option<string[]>("--issuer") { HelpName = "URL", Description = "Follow this issuer. Repeatable." };
        var keys = new Option<string[]>("--log-key") { HelpName = "KEY", Description = "The key of its log, as its start prints it; one for each --issuer." };
        (Option<string?> Option, string Key)[] settings =
        [
            (Text("--urls", "URL[;URL]", "Where to listen. Default: http://127.0.0.1:8090."), nameof(AuditorSettings.Urls)),
            (Text("--name", "AUTHORITY", "The name in its cosignatures. Default: the first address."), nameof(AuditorSettings.Name)),
            (Text("--data", "DIR", "The folder of its key, its copies of logs and its findings. Default: auditor-data."), nameof(AuditorSettings.Data)),
            (Text("--interval", "HH:MM:SS", "How often each issuer is looked at. Default: 00:01:00."), nameof(AuditorSettings.Interval)),
            (Text("--certificate", "FILE", "The server certificate of https URLs, PEM."), nameof(AuditorSettings.Certificate)),
            (Text("--certificate-key", "FILE", "The private key of the certificate, PEM."), nameof(AuditorSettings.CertificateKey)),
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
            List<KeyValuePair<string, string?>> flags = [];
            foreach (var (option, name) in settings)
            {
                given.Add(arguments, option, $"{AuditorSettings.Section}:{name}");
                if (arguments.GetValue(option) is { } value) flags.Add(new($"{AuditorSettings.Section}:{name}", value));
            }

            foreach (var (i, (url, key)) in (arguments.GetValue(issuers) ?? []).Zip(arguments.GetValue(keys) ?? []).Index())
            {
                var issuer = $"{AuditorSettings.Section}:{nameof(AuditorSettings.Issuers)}:{i}";
                given.Add(issuers.Name, $"{issuer}:{nameof(AuditedIssuerSettings.Directory)}");
                given.Add(keys.Name, $"{issuer}:{nameof(AuditedIssuerSettings.LogKey)}");
                flags.Add(new($"{issuer}:{nameof(AuditedIssuerSettings.Directory)}", url));
                flags.Add(new($"{issuer}:{nameof(AuditedIssuerSettings.LogKey)}", key));
            }

            return RunAsync(arguments.GetValue(config), flags, given, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(string? configFile, IEnumerable<KeyValuePair<string, string?>> flags, GivenFlags given, CancellationToken cancellationToken)
    {
        using var starting = new TerminationSignal(cancellationToken);
        try
        {
            var (application, urls, key) = await AuditorHost.StartAsync(configFile, flags, starting.Token);
            await using (application)
            {
                starting.Dispose();
                Console.WriteLine($"ready {string.Join(' ', urls)}");
                await Console.Error.WriteLineAsync($"Its cosignatures are checked with: {key}");
                await application.WaitForShutdownAsync(cancellationToken);
                return 0;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped before it was ready");
            return 0;
        }
        catch (InvalidConfigurationException e)
        {
            await Console.Error.WriteLineAsync(given.Tell(e));
            return 1;
        }
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
