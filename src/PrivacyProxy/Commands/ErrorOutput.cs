using System.Text;
using System.Text.RegularExpressions;

namespace PrivacyProxy.Commands;

/// <summary>
/// Standard error, where no credential of a URL shows up whoever writes it there: what stands before an @, and after the ? of a URL.
/// The parser, too, repeats what it does not understand.
/// </summary>
internal sealed partial class ErrorOutput(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Puts it in place for everything that follows.</summary>
    public static void Install() => Console.SetError(new ErrorOutput(Console.Error));

    public override void Write(char value) => inner.Write(value);

    public override void Write(string? value) => inner.Write(WithoutSecrets(value));

    public override void WriteLine(string? value) => inner.WriteLine(WithoutSecrets(value));

    public override Task WriteAsync(string? value) => inner.WriteAsync(WithoutSecrets(value));

    public override Task WriteLineAsync(string? value) => inner.WriteLineAsync(WithoutSecrets(value));

    public override void Flush() => inner.Flush();

    public override Task FlushAsync() => inner.FlushAsync();

    /// <summary>The text with every such secret as <c>***</c>.</summary>
    public static string? WithoutSecrets(string? text) =>
        text is null ? null : Query().Replace(UserInfo().Replace(text, "${before}***@"), "${before}?***");

    // A key may hold anything, a slash too: whatever is in one word before its last @.
    [GeneratedRegex(@"(?<before>[A-Za-z][A-Za-z0-9+.-]*://|(?<![^\s""'=])(?:--[A-Za-z-]+=)?)(?:(?!://)[^\s""'])+@", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<before>://[^\s""'?]*)\?[^\s""']+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Query();
}
