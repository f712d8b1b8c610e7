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

    /// <summary>Reads a head that ends with its empty line; null when a line is not what RFC 9112 allows (folded lines are not).</summary>
    public static HttpHead? Parse(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head);
        if (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal)) return null;
        var lines = text[..^4].Split("\r\n");
        if (lines.Any(line => line.Any(c => c != '\t' && char.IsControl(c)))) return null;
        var fields = new List<KeyValuePair<string, string>>(lines.Length - 1);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !line.AsSpan(0, colon).ContainsOnlyTokenCharacters()) return null;
            fields.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        return new HttpHead(lines[0], fields);
    }

    /// <summary>The values of every field of a name, in order.</summary>
    public IEnumerable<string> Values(string name) =>
        Fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value);

    /// <summary>The members of a comma-separated list field, over all its lines.</summary>
    public IEnumerable<string> Members(string name) =>
        Values(name).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
