using System.CommandLine;
using System.Globalization;
using PrivacyPass;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Http;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Issuer.Keys;

/// <summary><c>issuer keys</c>: looks at the keys of an issuer and changes them, while it runs.</summary>
internal static class IssuerKeysCommand
{
    private static readonly Option<string?> _config = new("--config") { HelpName = "FILE", Description = $"Read the section {IssuerSettings.Section} of this JSON file over appsettings.json." };
    private static readonly Option<string?> _data = new("--data") { HelpName = "DIR", Description = "The directory of the keys. Default: issuer-data." };

    public static Command Create() => new("keys", "Lists, adds, retires and exports the issuer's keys; a running issuer takes changes over within a second or so.")
    {
        List(), Add(), Retire(), Export(),
    };

    private static Command List()
    {
        var command = new Command("list", "Show the keys, one a line.") { _config, _data };
        command.SetAction((arguments, _) => RunAsync(arguments, static (directory, _) =>
        {
            var now = DateTimeOffset.UtcNow;
            var keys = directory.List();
            foreach (var key in keys) Console.WriteLine(LineOf(key, StateOf(key, keys, now)));
        }));
        return command;
    }

    private static Command Add()
    {
        var type = new Option<int?>("--type") { HelpName = "1|2", Description = "The token type. Default: 2, or that of the PEM file." };
        var from = new Option<string?>("--not-before") { HelpName = "TIME", Description = "From when clients use it, such as 2026-12-24T00:00:00Z, or now. Default: as soon as every cache knows it (PublishAhead)." };
        var pem = new Option<FileInfo?>("--pem") { HelpName = "FILE", Description = "Take this private key, RSA of 2048 bits for type 2 or P-384 for type 1, in place of a new one." };
        var command = new Command("add", "Add a key, new or from a PEM file.") { _config, _data, type, from, pem };
        type.Bound(1, 2);
        command.SetAction((arguments, _) => RunAsync(arguments, (directory, settings) =>
        {
            var start = StartOf(arguments.GetValue(from), settings);
            var end = start + settings.KeyLifetime;
            var wanted = (TokenType?)arguments.GetValue(type);
            if (arguments.GetValue(pem) is not { } file)
            {
                Console.WriteLine(LineOf(directory.Add(wanted ?? TokenType.BlindRsa2048, start, end), "added"));
                return;
            }

            using var key = PemKey.Read(file.FullName);
            if ((wanted ?? key.Type) != key.Type) throw new FormatException($"--pem: '{file}' holds a key of type {(ushort)key.Type}, not of --type {(ushort)wanted!}.");
            Console.WriteLine(LineOf(directory.Import(key.Type, key.PrivateKey, start, end), "added"));
        }));
        return command;
    }

    private static Command Retire()
    {
        var id = KeyIdArgument();
        var command = new Command("retire", "Delete a key at once: its tokens are worthless to a proxy as soon as it has fetched the next directory and its RemovalGrace is over.") { id, _config, _data };
        command.SetAction((arguments, _) => RunAsync(arguments, (directory, _) =>
        {
            var key = Find(directory, arguments.GetRequiredValue(id));
            directory.Retire(key.KeyId);
            Console.WriteLine(LineOf(key, "retired"));
        }));
        return command;
    }

    private static Command Export()
    {
        var id = KeyIdArgument();
        var file = new Option<FileInfo?>("--private") { HelpName = "FILE", Description = "Write the private key, PEM, to this file, which must not be there. Who has it makes tokens." };
        var command = new Command("export", "Print the public key as it stands in the directory, base64url.") { id, file, _config, _data };
        command.SetAction((arguments, _) => RunAsync(arguments, (directory, _) =>
        {
            var key = Find(directory, arguments.GetRequiredValue(id));
            if (arguments.GetValue(file) is not { } target)
            {
                Console.WriteLine(PaddedBase64Url.Encode(key.PublicKey.Span));
                return;
            }

            if (key.Type == TokenType.VoprfRistretto255) throw new FormatException("Keys of type 5 have no PEM form: copy the key's file.");
            if (target.Exists) throw new FormatException($"--private: '{target}' is there already.");
            using var secret = new PemKey(key.Type, directory.ExportPrivateKey(key.KeyId) ?? throw new FormatException("The key was retired meanwhile."));
            OwnFiles.Write(target.FullName, secret.ToPem(), OwnFiles.PrivateFile);
        }));
        return command;
    }

    private static Argument<string> KeyIdArgument() => new("KEY_ID") { Description = "The id of the key, or its first 8 digits or more." };

    /// <summary>Failures are one line on standard error and exit code 1.</summary>
    private static async Task<int> RunAsync(ParseResult arguments, Action<IssuerKeyDirectory, IssuerSettings> action)
    {
        var given = new GivenFlags();
        var key = $"{IssuerSettings.Section}:{nameof(IssuerSettings.Data)}";
        given.Add(arguments, _data, key);
        try
        {
            using var configuration = new ConfigurationManager();
            ConfigurationSources.Apply(configuration, arguments.GetValue(_config), _ => arguments.GetValue(_data) is { } data ? [new KeyValuePair<string, string?>(key, data)] : []);
            var settings = OptionsReader.Read<IssuerSettings>(configuration.GetSection(IssuerSettings.Section));
            action(new IssuerKeyDirectory(settings.Data), settings);
            return 0;
        }
        catch (Exception e) when (e is InvalidConfigurationException or IssuerKeyFileException or FormatException or TokenIssuanceException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e is InvalidConfigurationException invalid ? given.Tell(invalid) : e.Message);
            return 1;
        }
    }

    private static IssuerKeyInfo Find(IssuerKeyDirectory directory, string id)
    {
        if (id.Length < 8) throw new FormatException("Give at least the first 8 digits of the key id.");
        var found = directory.List().Where(key => key.KeyId.ToString().StartsWith(id, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count == 1 ? found[0] : throw new FormatException(found.Count == 0 ? $"There is no key {id}." : $"There are {found.Count} keys that begin with {id}.");
    }

    private static DateTimeOffset StartOf(string? text, IssuerSettings settings)
    {
        if (text is null) return DateTimeOffset.UtcNow + settings.PublishAhead;
        if (text == "now") return DateTimeOffset.UtcNow;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FormatException($"--not-before: '{text}' is not a time such as 2026-12-24T00:00:00Z, nor now.");
    }

    private static string LineOf(IssuerKeyInfo key, string state) =>
        string.Create(CultureInfo.InvariantCulture, $"{(ushort)key.Type}  {key.KeyId}  {key.NotBefore:yyyy-MM-ddTHH:mm:ssZ}  {key.NotAfter:yyyy-MM-ddTHH:mm:ssZ}  {state}");

    private static string StateOf(IssuerKeyInfo key, IReadOnlyList<IssuerKeyInfo> all, DateTimeOffset now)
    {
        if (key.NotAfter <= now) return "expired";
        if (key.NotBefore > now) return "published ahead";
        return all.Any(other => other.Type == key.Type && other.NotBefore > key.NotBefore && other.NotBefore <= now) ? "still good" : "in use";
    }
}
