using System.CommandLine;
using System.Globalization;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;
using TransparencyLog.Proofs;

namespace PrivacyProxy.Commands.Token;

/// <summary><c>token inspect</c>: the fields of a token, and whether its key is audited. Whether it is genuine only <c>verify</c> says.</summary>
internal static class TokenInspectCommand
{
    public static Command Create()
    {
        var token = new Argument<string>("TOKEN") { Description = "The token, base64url." };
        var issuer = new Option<string?>("--issuer") { HelpName = "URL", Description = "Say whether the token's key is in this issuer's directory, and the directory audited." };
        var logKey = new Option<string?>("--log-key") { HelpName = "KEY", Description = "The key of the issuer's log." };
        var auditors = new Option<string[]>("--auditor") { HelpName = "KEY", Description = "The key of an auditor that must have cosigned the log. Repeatable." };
        var issuerCa = new Option<FileInfo?>("--issuer-ca") { HelpName = "FILE", Description = "PEM file with a CA to trust for the issuer, besides those of the system." };
        var command = new Command("inspect", "Show the fields of a token, and whether its key is audited.") { token, issuer, logKey, auditors, issuerCa };
        command.Validators.Add(result =>
        {
            var given = new[] { result.GetValue(issuer) is not null, result.GetValue(logKey) is not null, (result.GetValue(auditors) ?? []).Length > 0 };
            if (given.Distinct().Count() > 1) result.AddError("--issuer, --log-key and --auditor are of use together only.");
        });
        command.SetAction((arguments, cancellationToken) => TokenCommand.RunAsync(async () =>
        {
            var bytes = TokenText.Parse(arguments.GetRequiredValue(token));
            Write(Console.Out, bytes);
            if (arguments.GetValue(issuer) is not { } url) return 0;
            var trust = TrustOf(arguments.GetValue(logKey)!, arguments.GetValue(auditors)!);
            using var http = IssuerHttp.CreateClient(new TrustPolicy(TrustedRoots.Read("--issuer-ca", arguments.GetValue(issuerCa))));
            var refused = await AuditAsync(http, TokenCommand.ParseUrl("--issuer", url), trust, bytes, cancellationToken);
            Console.WriteLine($"audited           {refused ?? $"yes, by {string.Join(", ", trust.Cosigners.Select(static auditor => auditor.Name))}"}");
            return refused is null ? 0 : 1;
        }));
        return command;
    }

    public static void Write(TextWriter output, byte[] token)
    {
        if (!TokenView.TryRead(token, out var view)) throw new FormatException("This is not a token.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"type              {(ushort)view.Type} ({NameOf(view.Type)})"));
        output.WriteLine($"size              {token.Length} bytes");
        output.WriteLine($"nonce             {Convert.ToHexStringLower(view.Nonce)}");
        output.WriteLine($"challenge digest  {Convert.ToHexStringLower(view.ChallengeDigest)}");
        output.WriteLine($"token key id      {view.KeyId}");
        output.WriteLine($"authenticator     {view.Authenticator.Length} bytes, {Convert.ToHexStringLower(view.Authenticator[..8])}...");
    }

    /// <summary>Why the token's key is not audited; null when it is.</summary>
    private static async Task<string?> AuditAsync(HttpClient http, Uri issuer, LogTrust trust, byte[] token, CancellationToken cancellationToken)
    {
        using var client = TokenCommand.Ask(http, issuer, new DirectoryAudit(http, IssuerDirectory.UrlOf(issuer), trust, logUrl: null, TimeProvider.System));
        try
        {
            var directory = await client.GetDirectoryAsync(cancellationToken);
            return directory.TokenKeys.Any(key => TokenView.TryRead(token, out var view) && key.TokenType == (ushort)view.Type && key.KeyId == view.KeyId)
                ? null
                : "no: the key is not in the issuer's directory";
        }
        catch (IssuerException e)
        {
            return $"no: {e.Message}";
        }
    }

    /// <exception cref="FormatException">A key is none; says which.</exception>
    private static LogTrust TrustOf(string logKey, string[] auditors)
    {
        var options = new GivenLogTrust { LogKey = logKey, Auditors = auditors };
        return options.AuditProblems().FirstOrDefault() is { } problem
            ? throw new FormatException($"{(problem.MemberNames.First() == nameof(LogTrustOptions.LogKey) ? "--log-key" : "--auditor")}: expected {problem.ErrorMessage}.")
            : options.ToTrust()!;
    }

    private static string NameOf(TokenType type) => type switch
    {
        TokenType.VoprfP384 => "VOPRF P-384, privately verifiable",
        TokenType.VoprfRistretto255 => "VOPRF ristretto255, privately verifiable, experimental",
        TokenType.PartiallyBlindRsa2048 => "partially blind RSA 2048 with public metadata, publicly verifiable, experimental",
        _ => "blind RSA 2048, publicly verifiable",
    };
}
