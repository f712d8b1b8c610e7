using System.CommandLine;
using System.Globalization;
using System.Net.Security;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyRelay.Configuration;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.Commands.Token;

/// <summary><c>token request</c>: tokens for a proxy's challenge, one base64url line each on standard output.</summary>
internal static class TokenRequestCommand
{
    /// <summary>Requested at a time: the first tokens are printed while the last are still to come.</summary>
    private const int Batch = 64;

    public static Command Create()
    {
        var issuer = new Option<string>("--issuer") { Required = true, HelpName = "URL", Description = "The issuer to ask, or the attester before it." };
        var proxy = new Option<string?>("--proxy") { HelpName = "URL", Description = "Take the challenge this proxy sends." };
        var challenge = new Option<string?>("--challenge") { HelpName = "BASE64URL", Description = "Take this TokenChallenge, and the issuer's preferred key." };
        var proxyCa = new Option<FileInfo?>("--proxy-ca") { HelpName = "FILE", Description = "PEM file with a CA to trust for proxy and issuer, besides those of the system." };
        var count = new Option<int>("--count") { HelpName = "N", Description = "How many tokens. Default: 1.", DefaultValueFactory = _ => 1 };
        var type = new Option<int?>("--type") { HelpName = "1|2|5|55930", Description = "Take the proxy's challenge of this token type; 5 and 55930 are experimental." };
        var life = new Option<TimeSpan>("--life") { HelpName = "HH:MM:SS", Description = "For type 55930: how long the tokens live at least, to the quarter of an hour. Default: 01:00:00.", DefaultValueFactory = _ => TimeSpan.FromHours(1) };
        var place = new Option<string?>("--place") { HelpName = "CC,REGION,CITY", Description = "For type 55930: where this client is, as the issuer knows it too, such as US,US-AL,ALABASTER." };
        var key = new Option<FileInfo?>("--issuer-key-file") { HelpName = "FILE", Description = "File with the bearer key or access token for an issuer or attester that wants one." };
        var certificate = new Option<FileInfo?>("--issuer-certificate") { HelpName = "FILE", Description = "PEM file with a certificate and its key, for an issuer or attester that wants one." };
        var command = new Command("request", "Request tokens and print them, one a line.") { issuer, proxy, proxyCa, challenge, count, type, key, certificate, life, place };
        count.Bound(1);
        // The texts are looked at: the value of one that does not parse cannot be asked for.
        type.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && token.Value is not ("1" or "2" or "5" or "55930")) result.AddError("--type must be a number from 1, 2, 5 and 55930.");
        });
        life.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !(TimeSpan.TryParse(token.Value, CultureInfo.InvariantCulture, out var given) && given >= TimeSpan.FromSeconds(1) && given <= TimeSpan.FromDays(366)))
                result.AddError("--life must be a time from 00:00:01 to 366 days.");
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(proxy) is null == result.GetValue(challenge) is null) result.AddError("Give either --proxy or --challenge.");
        });
        command.SetAction((arguments, cancellationToken) => TokenCommand.RunAsync(async () =>
        {
            var trust = new TrustPolicy(TrustedRoots.Read("--proxy-ca", arguments.GetValue(proxyCa)));
            var wanted = (TokenType?)arguments.GetValue(type);
            var (tokenChallenge, tokenKey) = arguments.GetValue(proxy) is { } url
                ? await ProxyProbe.AskAsync(TokenCommand.ParseUrl("--proxy", url), trust, wanted, cancellationToken)
                : (ParseChallenge(arguments.GetValue(challenge)!, wanted), null);
            using var http = IssuerHttp.CreateClient(trust, ReadCertificate(arguments.GetValue(certificate)));
            var bearerKey = ReadKey(arguments.GetValue(key));
            using var client = TokenCommand.Ask(http, TokenCommand.ParseUrl("--issuer", arguments.GetRequiredValue(issuer)));
            var extensions = TokenSizes.HasExtensions(tokenChallenge.Type) ? new TokenMetadata(arguments.GetValue(life), arguments.GetValue(place)).At(DateTimeOffset.UtcNow) : null;
            await RequestAsync(client, tokenChallenge, tokenKey, bearerKey, extensions, arguments.GetValue(count), cancellationToken);
            return 0;
        }));
        return command;
    }

    private static async Task RequestAsync(IssuerClient client, TokenChallenge challenge, ReadOnlyMemory<byte>? key, string? bearerKey, TokenExtensions? extensions, int count, CancellationToken cancellationToken)
    {
        for (var done = 0; done < count;)
        {
            try
            {
                var tokens = await client.RequestTokensAsync(challenge, key, Math.Min(Batch, count - done), cancellationToken, bearerKey, extensions);
                Print(tokens, extensions);
                done += tokens.Count;
            }
            catch (IssuerException e)
            {
                // Paid for, so not lost.
                Print(e.Tokens, extensions);
                throw;
            }

            if (count > Batch) await Console.Error.WriteLineAsync($"{done} of {count} tokens");
        }
    }

    /// <summary>A token with extensions is worth nothing without them: they follow after a blank.</summary>
    private static void Print(IReadOnlyList<byte[]> tokens, TokenExtensions? extensions)
    {
        var tail = extensions is null ? "" : " " + PaddedBase64Url.Encode(extensions.Encoded.Span);
        foreach (var token in tokens) Console.WriteLine(PaddedBase64Url.Encode(token) + tail);
    }

    private static TokenChallenge ParseChallenge(string text, TokenType? type)
    {
        if (PaddedBase64Url.Decode(text, out _) is not { } bytes) throw new FormatException("--challenge: not base64url.");
        var error = TokenChallenge.TryRead(bytes, out var challenge);
        if (error != TokenChallengeError.None) throw new FormatException($"--challenge: not a TokenChallenge that can be answered: {error}.");
        return type is null || type == challenge!.Type ? challenge! : throw new FormatException($"--challenge: it is of type {(ushort)challenge.Type}, not of --type {(ushort)type}.");
    }

    private static string? ReadKey(FileInfo? file)
    {
        if (file is null) return null;
        try
        {
            return BearerKeyFile.Read(file.FullName);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException($"--issuer-key-file is \"{file}\": expected a file with a bearer key ({e.Message})", e);
        }
    }

    private static SslStreamCertificateContext? ReadCertificate(FileInfo? file)
    {
        if (file is null) return null;
        try
        {
            return ClientCertificateFile.Read(file.FullName);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException($"--issuer-certificate is \"{file}\": expected a PEM file with a certificate and its key ({e.Message})", e);
        }
    }
}
