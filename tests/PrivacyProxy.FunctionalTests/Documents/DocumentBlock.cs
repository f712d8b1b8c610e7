namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>A fenced block of a page.</summary>
/// <param name="Page">Its path below the root of the checkout.</param>
/// <param name="Line">Where its fence begins.</param>
/// <param name="Heading">The last heading before it.</param>
/// <param name="Language">What stands behind its fence; empty where nothing does.</param>
/// <param name="Text">Its lines, each with its end.</param>
internal sealed record DocumentBlock(string Page, int Line, string Heading, string Language, string Text)
{
    public string FirstLine => Text[..Text.IndexOf('\n', StringComparison.Ordinal)];

    public override string ToString() => $"{Page}:{Line} {FirstLine}";
}
