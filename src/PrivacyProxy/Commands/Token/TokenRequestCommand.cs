using System.CommandLine;
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
        var issuer = new Option<string>("--issuer") { Required = true, HelpName = "URL", Description = "The issuer to ask." };
        var proxy = new Option<string?>("--proxy") { HelpName = "URL", Description = "Take the challenge this proxy sends." };
        var challenge = new Option<string?>("--challenge") { HelpName = "BASE64URL", Description = "Take this TokenChallenge, and the issuer's preferred key." };
        var proxyCa = new Option<FileInfo?>("--proxy-ca") { HelpName = "FILE", Description = "PEM file with a CA to trust for proxy and issuer, besides those of the system." };
        var count = new Option<int>("--count") { HelpName = "N", Description = "How many tokens. Default: 1.", DefaultValueFactory = _ => 1 };
        var type = new Option<int?>("--type") { HelpName = "1|2", Description = "Take the proxy's challenge of this token type." };
        var key = new Option<FileInfo?>("--issuer-key-file") { HelpName = "FILE", Description = "File with the bearer key for an issuer that wants one." };
        var command = new Command("request", "Request tokens and print them, one a line.") { issuer, proxy, proxyCa, challenge, count, type, key };
        count.Bound(1);
        type.Bound(1, 2);
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
            using var http = IssuerHttp.CreateClient(trust);
            var bearerKey = ReadKey(arguments.GetValue(key));
            using var client = TokenCommand.Ask(http, TokenCommand.ParseUrl("--issuer", arguments.GetRequiredValue(issuer)));
            await RequestAsync(client, tokenChallenge, tokenKey, bearerKey, arguments.GetValue(count), cancellationToken);
            return 0;
        }));
        return command;
    }

    private static async Task RequestAsync(IssuerClient client, TokenChallenge challenge, ReadOnlyMemory<byte>? key, string? bearerKey, int count, CancellationToken cancellationToken)
    {
        for (var done = 0; done < count;)
        {
            try
            {
                var tokens = await client.RequestTokensAsync(challenge, key, Math.Min(Batch, count - done), cancellationToken, bearerKey);
                Print(tokens);
                done += tokens.Count;
            }
            catch (IssuerException e)
            {
                // Paid for, so not lost.
                Print(e.Tokens);
                throw;
            }

            if (count > Batch) await Console.Error.WriteLineAsync($"{done} of {count} tokens");
        }
    }

    private static void Print(IReadOnlyList<byte[]> tokens)
    {
        foreach (var token in tokens) Console.WriteLine(PaddedBase64Url.Encode(token));
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
}
