namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>One line of a frame, put together from cells of fixed width.</summary>
internal sealed class FrameLine
{
    private readonly List<(string Text, Ink Ink)> _cells = [];

    public static FrameLine Empty { get; } = new();

    public IReadOnlyList<(string Text, Ink Ink)> Cells => _cells;

    /// <summary>Adds text at the left of a cell; what does not fit is cut.</summary>
    public FrameLine Left(string text, int width, Ink ink = Ink.Plain) => Add(Fit(Printable(text), width).PadRight(width), ink);

    /// <summary>Adds text at the right of a cell, a blank before it; what does not fit is cut.</summary>
    public FrameLine Right(string text, int width, Ink ink = Ink.Plain) => Add(Fit(Printable(text), width - 1).PadLeft(width), ink);

    /// <summary>Adds characters that are our own, a sparkline.</summary>
    public FrameLine Drawn(string text, Ink ink) => Add(text, ink);

    /// <summary>Adds the cells of another line after this one's.</summary>
    public FrameLine Append(FrameLine other)
    {
        _cells.AddRange(other._cells);
        return this;
    }

    private FrameLine Add(string text, Ink ink)
    {
        _cells.Add((text, ink));
        return this;
    }

    private static string Fit(string text, int width) => text.Length <= width ? text : width < 1 ? "" : text[..(width - 1)] + "~";

    /// <summary>Labels and answers come from elsewhere: no control code in them may reach the terminal, and every character takes one column.</summary>
    private static string Printable(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++) to[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
    });
}
