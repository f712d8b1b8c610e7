namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>What a piece of text means, which decides its colour.</summary>
internal enum Ink
{
    Plain,
    Dim,
    Heading,
    Good,
    Warning,
    Bad,
}
