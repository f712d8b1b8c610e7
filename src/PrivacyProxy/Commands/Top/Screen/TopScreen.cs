using Microsoft.Win32.SafeHandles;
using PrivacyProxy.Commands.Top.Watching;
using Spectre.Console;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>Where frames go: the whole terminal, given back as it was, or plain text one frame after another.</summary>
internal sealed class TopScreen : IDisposable
{
    private const int Utf8 = 65001;
    private const int Rows = 24;

    private readonly IAnsiConsole _console;
    private readonly bool _isTerminal;
    private readonly bool _isUnicode;
    private bool _hasShown;

    /// <param name="output">Where to write.</param>
    /// <param name="isTerminal">True where the width is the terminal's; else it is 80.</param>
    /// <param name="isLive">True to take the whole terminal.</param>
    /// <param name="isColoured">True where colours may be written.</param>
    public TopScreen(TextWriter output, bool isTerminal, bool isLive, bool isColoured)
    {
        _isTerminal = isTerminal;
        _isUnicode = output.Encoding.CodePage == Utf8;
        IsLive = isLive;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isLive || isColoured ? AnsiSupport.Yes : AnsiSupport.No,
            // The sixteen of every terminal, in the shades its owner chose.
            ColorSystem = isColoured ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!isLive) return;
        _console.Write(new ControlCode("\e[?1049h"));
        _console.Cursor.Hide();
    }

    /// <summary>True when it has the whole terminal.</summary>
    public bool IsLive { get; }

    /// <summary>For standard output: without colour or cursor codes when it is piped, without colour where NO_COLOR asks for it.</summary>
    public static TopScreen ForStandardOutput(bool once)
    {
        var isTerminal = !Console.IsOutputRedirected;
        var canMove = isTerminal && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        var isColoured = canMove && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new TopScreen(isTerminal ? Console.Out : Redirected(), isTerminal, isLive: canMove && !once, isColoured);
    }

    public void Show(TopState state, TimeSpan now)
    {
        var (width, height) = Size();
        _console.Profile.Width = width;
        var lines = TopLayout.Lines(state, now, width, IsLive ? height : null, _isUnicode, IsLive);
        if (_hasShown && !IsLive) lines = [FrameLine.Empty, .. lines];
        _hasShown = true;
        _console.Write(new Frame(lines, overwrite: IsLive));
    }

    /// <summary>Gives the terminal back.</summary>
    public void Dispose()
    {
        if (!IsLive) return;
        _console.Cursor.Show();
        _console.Write(new ControlCode("\e[?1049l"));
    }

    private (int Width, int Height) Size()
    {
        if (!_isTerminal) return (TopLayout.Columns, Rows);
        // A terminal that does not know its size says 0.
        return (Console.WindowWidth is > 0 and var width ? width : TopLayout.Columns, Console.WindowHeight is > 0 and var height ? height : Rows);
    }

    /// <summary>Console.Out would not tell that the reader of a pipe has gone, and the frames would go on for nobody.</summary>
    private static TextWriter Redirected()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.Out : new StreamWriter(stream) { AutoFlush = true };
    }
}
