using System.CommandLine;
using PrivacyPass.Issuance;
using PrivacyRelay.Issuance;

namespace PrivacyProxy.Commands.Token;

/// <summary><c>token</c>: tokens by hand, for tests and for finding out what is wrong.</summary>
internal static class TokenCommand
{
    public static Command Create() => new("token", "Request, inspect and verify Privacy Pass tokens.")
    {
        TokenRequestCommand.Create(),
        TokenInspectCommand.Create(),
        TokenVerifyCommand.Create(),
    };

    /// <summary>Runs a command whose failures are one line on standard error and exit code 1.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (e is FormatException or IssuerException or PrivacyRelay.Upstream.TunnelException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    /// <summary>A client of the issuer that says on standard error which entries of its directory cannot be used.</summary>
    public static IssuerClient Ask(HttpClient http, Uri issuer, DirectoryAudit? audit = null) => new(http, IssuerDirectory.UrlOf(issuer), skipped: static key =>
        Console.Error.WriteLine($"Entry {key.Index} of the issuer's token-keys is skipped: {key.Problem}."), audit: audit);

    public static Uri ParseUrl(string option, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new FormatException($"{option}: '{text}' is not an http or https URL.");
}
