using Spectre.Console;
using Spectre.Console.Rendering;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>The lines of one moment, cut to the width of the console; none wraps.</summary>
/// <param name="lines">From the top.</param>
/// <param name="overwrite">True to draw over the frame before, from the top of the screen, without a flicker.</param>
internal sealed class Frame(IReadOnlyList<FrameLine> lines, bool overwrite) : IRenderable
{
    private const string Home = "\e[H";
    private const string EraseToEndOfLine = "\e[K";
    private const string EraseToEndOfScreen = "\e[J";

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        if (overwrite) yield return Segment.Control(Home);
        for (var row = 0; row < lines.Count; row++)
        {
            foreach (var segment in Cut(lines[row], maxWidth)) yield return segment;
            if (overwrite) yield return Segment.Control(EraseToEndOfLine);
            // After the last row of a screen a line break would scroll it.
            if (!overwrite || row < lines.Count - 1) yield return Segment.LineBreak;
        }

        if (overwrite) yield return Segment.Control(EraseToEndOfScreen);
    }

    private static IEnumerable<Segment> Cut(FrameLine line, int width)
    {
        var room = Math.Min(width, line.Cells.Sum(static cell => cell.Text.Length) - TrailingBlanks(line));
        foreach (var (text, ink) in line.Cells)
        {
            if (room <= 0) yield break;
            yield return new Segment(text.Length <= room ? text : text[..room], StyleOf(ink));
            room -= text.Length;
        }
    }

    private static int TrailingBlanks(FrameLine line)
    {
        var blanks = 0;
        for (var cell = line.Cells.Count - 1; cell >= 0; cell--)
        {
            var text = line.Cells[cell].Text;
            var trimmed = text.TrimEnd(' ').Length;
            blanks += text.Length - trimmed;
            if (trimmed > 0) break;
        }

        return blanks;
    }

    private static Style StyleOf(Ink ink) => ink switch
    {
        Ink.Dim => new Style(Color.Grey),
        Ink.Heading => new Style(decoration: Decoration.Bold),
        Ink.Good => new Style(Color.Green),
        Ink.Warning => new Style(Color.Yellow),
        Ink.Bad => new Style(Color.Red, decoration: Decoration.Bold),
        _ => Style.Plain,
    };
}
