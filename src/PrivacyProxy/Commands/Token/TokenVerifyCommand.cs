using System.CommandLine;
using PrivacyPass;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;

namespace PrivacyProxy.Commands.Token;

/// <summary><c>token verify</c>: whether an issuer's published key signed a token. Exit code 0 when it did, else 1.</summary>
internal static class TokenVerifyCommand
{
    public static Command Create()
    {
        var token = new Argument<string>("TOKEN") { Description = "The token, base64url." };
        var issuer = new Option<string>("--issuer") { Required = true, HelpName = "URL", Description = "The issuer whose directory has the key." };
        var issuerCa = new Option<FileInfo?>("--issuer-ca") { HelpName = "FILE", Description = "PEM file with a CA to trust for the issuer, besides those of the system." };
        var command = new Command("verify", "Verify a token of type 2 with the issuer's published key.") { token, issuer, issuerCa };
        command.SetAction((arguments, cancellationToken) => TokenCommand.RunAsync(() => VerifyAsync(
            TokenText.Parse(arguments.GetRequiredValue(token)),
            TokenCommand.ParseUrl("--issuer", arguments.GetRequiredValue(issuer)),
            new TrustPolicy(TrustedRoots.Read("--issuer-ca", arguments.GetValue(issuerCa))),
            cancellationToken)));
        return command;
    }

    private static async Task<int> VerifyAsync(byte[] token, Uri issuer, TrustPolicy trust, CancellationToken cancellationToken)
    {
        var (type, keyId) = Read(token);
        if (TokenSizes.CanAmortize(type)) throw new FormatException($"A token of type {(ushort)type} can be verified by who has the issuer's private key only.");
        if (TokenSizes.HasExtensions(type)) throw new FormatException($"A token of type {(ushort)type} can be verified with its extensions only, which it does not hold itself.");

        using var http = IssuerHttp.CreateClient(trust);
        using var client = TokenCommand.Ask(http, issuer);
        var directory = await client.GetDirectoryAsync(cancellationToken);
        var key = directory.TokenKeys.FirstOrDefault(candidate => candidate.TokenType == (ushort)type && candidate.KeyId == keyId)
            ?? throw new FormatException($"not valid: the issuer has no key {keyId}.");
        if (!Verify(key.TokenKey, token)) throw new FormatException("not valid: the signature is not the issuer's.");
        Console.WriteLine("valid");
        return 0;
    }

    private static (TokenType Type, TokenKeyId KeyId) Read(byte[] token) =>
        TokenView.TryRead(token, out var view) ? (view.Type, view.KeyId) : throw new FormatException("This is not a token.");

    private static bool Verify(ReadOnlyMemory<byte> key, byte[] token)
    {
        try
        {
            using var verifier = TokenCryptography.CreateVerifier(key.Span);
            return TokenView.TryRead(token, out var view) && verifier.Verify(view);
        }
        catch (TokenIssuanceException e)
        {
            throw new FormatException($"The issuer's key cannot be used: {e.Message}", e);
        }
    }
}
