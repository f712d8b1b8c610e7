using System.CommandLine;
using PrivacyPass.AspNetCore.Keys;
using PrivacyProxy.Commands.Issuer.Keys;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Issuer;

/// <summary><c>issuer</c>: gives Privacy Pass tokens to those an attester lets have them.</summary>
internal static class IssuerCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { HelpName = "FILE", Description = $"Read the section {IssuerSettings.Section} of this JSON file over appsettings.json." };
        (Option<string?> Option, string Key)[] settings =
        [
            (Text("--urls", "URL[;URL]", "Where to listen. Default: http://127.0.0.1:8080."), nameof(IssuerSettings.Urls)),
            (Text("--name", "AUTHORITY", "The issuer name in challenges: the host under which clients reach the issuer."), nameof(IssuerSettings.Name)),
            (Text("--data", "DIR", "The directory of the keys. Default: issuer-data."), nameof(IssuerSettings.Data)),
            (Text("--token-types", "2,1", "1 (VOPRF P-384) and 2 (blind RSA), the preferred one first; experimental: 5 and 55930."), nameof(IssuerSettings.TokenTypes)),
            (Text("--attester", "none|bearer|mtls", "Who gets tokens; the keys and certificates come from the configuration. Default: none, everybody."), nameof(IssuerSettings.Attester)),
            (Text("--certificate", "FILE", "The server certificate of https URLs, PEM. Default: a throw-away one, its CA in ca.pem beside the keys."), nameof(IssuerSettings.Certificate)),
            (Text("--certificate-key", "FILE", "The private key of the certificate, PEM."), nameof(IssuerSettings.CertificateKey)),
        ];
        var command = new Command("issuer", "Issues Privacy Pass tokens: directory, issuance, key rotation.") { config };
        foreach (var (option, _) in settings) command.Options.Add(option);
        command.Subcommands.Add(IssuerKeysCommand.Create());
        command.SetAction((arguments, cancellationToken) =>
        {
            var given = new GivenFlags();
            foreach (var (option, key) in settings) given.Add(arguments, option, $"{IssuerSettings.Section}:{key}");
            return RunAsync(
                arguments.GetValue(config),
                settings.Select(setting => KeyValuePair.Create($"{IssuerSettings.Section}:{setting.Key}", arguments.GetValue(setting.Option))).Where(static setting => setting.Value is not null),
                given, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(string? configFile, IEnumerable<KeyValuePair<string, string?>> flags, GivenFlags given, CancellationToken cancellationToken)
    {
        // As in serve: before the host starts it hears of no signal, and keys are made then.
        using var starting = new TerminationSignal(cancellationToken);
        try
        {
            var (application, urls) = await IssuerHost.StartAsync(configFile, flags, starting.Token);
            await using (application)
            {
                starting.Dispose();
                Console.WriteLine($"ready {string.Join(' ', urls)}");
                await Console.Error.WriteLineAsync($"Take its tokens with: {IssuerHint.Of(application.Configuration, urls)}");
                await Console.Error.WriteLineAsync($"Its key log is checked with: {application.Services.GetRequiredService<IssuerKeyLog>().Log.Key}");
                await application.WaitForShutdownAsync(cancellationToken);
                return 0;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped before it was ready");
            return 0;
        }
        catch (Exception e) when (e is InvalidConfigurationException or IssuerKeyFileException)
        {
            await Console.Error.WriteLineAsync(e is InvalidConfigurationException invalid ? given.Tell(invalid) : e.Message);
            return 1;
        }
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
