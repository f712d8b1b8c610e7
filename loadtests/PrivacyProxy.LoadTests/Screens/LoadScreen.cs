using System.Diagnostics;
using Spectre.Console;

namespace PrivacyProxy.LoadTests.Screens;

/// <summary>Standard output in at most 80 columns, plain where there are no colours; progress goes to standard error.</summary>
internal sealed class LoadScreen
{
    public const int Columns = 80;

    private static readonly TimeSpan _pipedProgressInterval = TimeSpan.FromSeconds(5);

    private readonly IAnsiConsole _console;
    private readonly TextWriter _progress;
    private readonly bool _isInteractive;
    private long _lastProgress;
    private bool _hasProgress;

    public LoadScreen(TextWriter output, TextWriter progress, bool isPlain, bool isInteractive)
    {
        (_progress, _isInteractive) = (progress, isInteractive);
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        _console.Profile.Width = Columns;
        HasUnicode = output.Encoding.WebName.StartsWith("utf", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>False where bars must be drawn in ASCII.</summary>
    public bool HasUnicode { get; }

    public static LoadScreen ForConsole()
    {
        var terminal = Environment.GetEnvironmentVariable("TERM");
        var isPlain = Console.IsOutputRedirected || string.IsNullOrEmpty(terminal) || terminal == "dumb"
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new LoadScreen(Console.Out, Console.Error, isPlain, !Console.IsErrorRedirected);
    }

    public void Title(string text)
    {
        EndProgress();
        _console.Write(new Paragraph(text + "\n", new Style(decoration: Decoration.Bold)));
    }

    public void Text(string text)
    {
        EndProgress();
        _console.Write(new Text(text + "\n"));
    }

    /// <summary>As it is, however long its lines are: for others to copy.</summary>
    public void Raw(string text)
    {
        EndProgress();
        _console.Profile.Out.Writer.WriteLine(text);
    }

    public void Styled(IEnumerable<(string Text, Style Style)> parts)
    {
        EndProgress();
        var line = new Paragraph();
        foreach (var (text, style) in parts) line.Append(text, style);
        line.Append("\n");
        _console.Write(line);
    }

    /// <summary>A table whose first column is text and whose others are numbers.</summary>
    public void Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        EndProgress();
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        for (var i = 0; i < head.Count; i++) table.AddColumn(new TableColumn(new Text(head[i])) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = i > 0, Padding = new Padding(0, 0, 1, 0) });
        foreach (var row in rows) table.AddRow(row.Select(static cell => new Text(cell)));
        _console.Write(table);
    }

    /// <summary>Names and values, without a head.</summary>
    public void Facts(params IEnumerable<(string Name, string Value)> facts)
    {
        EndProgress();
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn(new GridColumn { Alignment = Justify.Right });
        foreach (var (name, value) in facts) grid.AddRow(new Text(name), new Text(value));
        _console.Write(grid);
    }

    /// <summary>Overwrites its line on a terminal; elsewhere a line every few seconds.</summary>
    public void Progress(string text)
    {
        if (_isInteractive)
        {
            _progress.Write('\r' + (text.Length < Columns ? text.PadRight(Columns - 1) : text[..(Columns - 1)]));
            _hasProgress = true;
        }
        else if (_lastProgress == 0 || Stopwatch.GetElapsedTime(_lastProgress) >= _pipedProgressInterval)
        {
            _progress.WriteLine(text);
            _lastProgress = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Progress with a bar: how much of something is done.</summary>
    public void Bar(string text, long done, long total)
    {
        const int Width = 24;
        var filled = total > 0 ? (int)Math.Clamp(done * Width / total, 0, Width) : 0;
        Progress($"{text} [{new string('#', filled).PadRight(Width, '.')}] {Numbers.Count(done)} of {Numbers.Count(total)}");
    }

    private void EndProgress()
    {
        if (!_hasProgress) return;
        _progress.Write('\r' + new string(' ', Columns - 1) + '\r');
        _hasProgress = false;
    }
}
