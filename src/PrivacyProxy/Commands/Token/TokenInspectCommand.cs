using System.CommandLine;
using System.Globalization;
using PrivacyPass;

namespace PrivacyProxy.Commands.Token;

/// <summary><c>token inspect</c>: the fields of a token. Whether it is genuine only <c>verify</c> says.</summary>
internal static class TokenInspectCommand
{
    public static Command Create()
    {
        var token = new Argument<string>("TOKEN") { Description = "The token, base64url." };
        var command = new Command("inspect", "Show the fields of a token.") { token };
        command.SetAction((arguments, _) => TokenCommand.RunAsync(() =>
        {
            Write(Console.Out, TokenText.Parse(arguments.GetRequiredValue(token)));
            return Task.FromResult(0);
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

    private static string NameOf(TokenType type) => type switch
    {
        TokenType.VoprfP384 => "VOPRF P-384, privately verifiable",
        TokenType.VoprfRistretto255 => "VOPRF ristretto255, privately verifiable, experimental",
        TokenType.PartiallyBlindRsa2048 => "partially blind RSA 2048 with public metadata, publicly verifiable, experimental",
        _ => "blind RSA 2048, publicly verifiable",
    };
}
