using System.Text;

namespace PrivacyRelay.Http;

/// <summary>The head of an HTTP/1.1 message: a start line and fields in their order (RFC 9112, section 2.1).</summary>
internal sealed class HttpHead
{
    private HttpHead(string startLine, List<KeyValuePair<string, string>> fields)
    {
        StartLine = startLine;
        Fields = fields;
    }

    public string StartLine { get; }

    /// <summary>Names as sent, values without the white space around them.</summary>
    public List<KeyValuePair<string, string>> Fields { get; }

    /// <summary>Reads a request's head that ends with its empty line; null when a line is not what RFC 9112 allows (folded lines are not).</summary>
    public static HttpHead? Parse(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head);
        return text.EndsWith("\r\n\r\n", StringComparison.Ordinal) ? Parse(text[..^4].Split("\r\n"), isAnswer: false) : null;
    }

    /// <summary>
    /// Reads an answer's head. What is written anew for who reads it next may be read generously: lines that end in LF alone
    /// (RFC 9112, section 2.2), and white space before a colon, which a proxy has to take away (section 5.1).
    /// </summary>
    public static HttpHead? ParseAnswer(ReadOnlySpan<byte> head)
    {
        var lines = Encoding.Latin1.GetString(head).TrimEnd('\r', '\n').Split('\n');
        for (var i = 0; i < lines.Length; i++)
            if (lines[i].EndsWith('\r')) lines[i] = lines[i][..^1];
        return Parse(lines, isAnswer: true);
    }

    /// <summary>The values of every field of a name, in order.</summary>
    public IEnumerable<string> Values(string name) =>
        Fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value);

    /// <summary>The members of a comma-separated list field, over all its lines.</summary>
    public IEnumerable<string> Members(string name) =>
        Values(name).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Whether a list field has a member, in whichever case.</summary>
    public bool Has(string name, string member) => Members(name).Contains(member, StringComparer.OrdinalIgnoreCase);

    private static HttpHead? Parse(string[] lines, bool isAnswer)
    {
        if (lines.Any(line => line.Any(c => c != '\t' && char.IsControl(c) && c < '\x80'))) return null;
        var fields = new List<KeyValuePair<string, string>>(lines.Length - 1);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1) return null;
            var name = isAnswer ? line[..colon].TrimEnd(' ', '\t') : line[..colon];
            if (!name.AsSpan().ContainsOnlyTokenCharacters()) return null;
            fields.Add(new(name, line[(colon + 1)..].Trim(' ', '\t')));
        }

        return new HttpHead(lines[0], fields);
    }
}
