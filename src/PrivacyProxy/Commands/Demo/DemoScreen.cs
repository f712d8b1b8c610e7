using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace PrivacyProxy.Commands.Demo;

/// <summary>Prints the walk: colours on a terminal that has them, plain text of at most 80 columns everywhere else.</summary>
internal sealed class DemoScreen
{
    private const int Columns = 80;
    private readonly IAnsiConsole _console;
    private int _step;

    public DemoScreen(TextWriter output, bool isPlain)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        _console.Profile.Width = Columns;
    }

    /// <summary>For standard output: plain when it is piped, on a dumb terminal, or where NO_COLOR asks for it.</summary>
    public static DemoScreen ForStandardOutput()
    {
        var terminal = Environment.GetEnvironmentVariable("TERM");
        var isPlain = Console.IsOutputRedirected || string.IsNullOrEmpty(terminal) || terminal == "dumb"
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new DemoScreen(Console.Out, isPlain);
    }

    public void Title(string text) => _console.Write(new Paragraph(text + "\n\n", new Style(decoration: Decoration.Bold)));

    /// <summary>Does one step and prints it with its time; a failure is printed and thrown on.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Does it and says in a line what came of it.</param>
    public async Task StepAsync(string title, Func<Task<string>> work)
    {
        _step++;
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            var outcome = await work();
            Line("ok", Color.Green, title, Stopwatch.GetElapsedTime(startedAt));
            Detail(outcome);
        }
        catch (Exception e)
        {
            Line("FAILED", Color.Red, title, Stopwatch.GetElapsedTime(startedAt));
            Detail(Sentence(e));
            throw;
        }
    }

    public void Text(string text) => _console.Write(new Text(text + "\n"));

    /// <summary>A command to copy: never wrapped, and written past the console so that no width breaks it.</summary>
    public void Command(params string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
            _console.Profile.Out.Writer.WriteLine((i == 0 ? "  " : "    ") + lines[i] + (i + 1 < lines.Length ? " \\" : ""));
    }

    public void Blank() => _console.WriteLine();

    /// <summary>The innermost reason is the one that helps; the outer ones say that something failed.</summary>
    private static string Sentence(Exception exception)
    {
        if (exception is DemoFailedException) return exception.Message;
        var inner = exception.GetBaseException();
        return exception.Message.Contains(inner.Message, StringComparison.Ordinal) ? exception.Message : $"{exception.Message} ({inner.Message})";
    }

    private void Line(string mark, Color color, string title, TimeSpan elapsed)
    {
        var time = elapsed.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms";
        var number = _step.ToString(CultureInfo.InvariantCulture).PadLeft(2);
        var line = new Paragraph();
        line.Append($"{number}  {title.PadRight(54)}", new Style(decoration: Decoration.Bold));
        line.Append(time.PadLeft(11) + "  ", new Style(Color.Grey));
        line.Append(mark + "\n", new Style(color));
        _console.Write(line);
    }

    private void Detail(string text)
    {
        const string Indent = "    ";
        var line = Indent;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > Indent.Length && line.Length + word.Length + 1 > Columns)
            {
                _console.Write(new Text(line + "\n", new Style(Color.Grey)));
                line = Indent;
            }

            line += line.Length > Indent.Length ? " " + word : word;
        }

        _console.Write(new Text(line + "\n", new Style(Color.Grey)));
    }
}
