using System.Text;

namespace PrivacyProxy.Commands.Relay;

/// <summary>
/// The last line of a terminal, which is written anew when what it says changes. Standard error goes through it, so that lines of the log
/// come above it and none is written over.
/// </summary>
internal sealed class StatusLine : TextWriter
{
    private const string Erase = "\r\e[K";

    private readonly TextWriter _terminal;
    private readonly Func<int> _width;
    private readonly Lock _gate = new();
    private string _text = "";
    private bool _isShown;
    private bool _isLineOpen;

    /// <param name="terminal">Where to write.</param>
    /// <param name="width">How many columns it has at the moment.</param>
    public StatusLine(TextWriter terminal, Func<int> width) => (_terminal, _width) = (terminal, width);

    public override Encoding Encoding => _terminal.Encoding;

    /// <summary>The line of the terminal that standard error is, which it takes over; null where that is a file or a pipe, or a terminal that cannot erase a line.</summary>
    public static StatusLine? OfStandardError()
    {
        if (Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb") return null;
        var line = new StatusLine(Console.Error, static () => Console.WindowWidth);
        Console.SetError(line);
        return line;
    }

    public void Show(string text)
    {
        lock (_gate)
        {
            if (text == _text && _isShown) return;
            _text = text;
            Draw();
        }
    }

    /// <summary>Leaves nothing behind.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _text = "";
            Hide();
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value)) return;
        lock (_gate)
        {
            Hide();
            _terminal.Write(value);
            _isLineOpen = !value.EndsWith('\n');
            Draw();
        }
    }

    public override void Flush() => _terminal.Flush();

    private void Draw()
    {
        // Not into a line that somebody is still writing.
        if (_text.Length == 0 || _isLineOpen) return;
        // One column less: a terminal may go to the next line when the last is filled. One that does not know its size says 0.
        var columns = (_width() is > 0 and var width ? width : 80) - 1;
        _terminal.Write(Erase + (_text.Length <= columns ? _text : _text[..columns]));
        _terminal.Flush();
        _isShown = true;
    }

    private void Hide()
    {
        if (!_isShown) return;
        _terminal.Write(Erase);
        _isShown = false;
    }
}
