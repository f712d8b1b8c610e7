using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Masque.Templates;

/// <summary>
/// The path and query of a URI template with the variables <c>target_host</c> and <c>target_port</c> (RFC 9298, section 2):
/// RFC 6570 up to level 3, of its operators only <c>?</c> and <c>&amp;</c>. Expands for clients, matches for servers.
/// </summary>
public sealed class TargetTemplate
{
    private const int MaxLength = 2048;

    private static readonly SearchValues<char> _unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private readonly TemplatePart[] _parts;

    private TargetTemplate(TemplatePart[] parts) => _parts = parts;

    /// <summary>Reads the path and query of a template: it begins with a slash, names each variable once and no other, in printable ASCII.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TargetTemplate? template)
    {
        template = null;
        if (text is null || text.Length > MaxLength || !text.StartsWith('/') || text.Any(static c => c is < '!' or > '~')) return false;
        if (TemplateParser.Parse(text) is not { } parts) return false;
        template = new TargetTemplate(parts);
        return true;
    }

    /// <summary>The path and query for a target.</summary>
    /// <param name="host">A name, or an address without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    public string Expand(string host, int port)
    {
        var result = new StringBuilder();
        foreach (var part in _parts)
        {
            if (part.Variable == TemplateVariable.Host) Escape(result, host);
            else if (part.Variable == TemplateVariable.Port) result.Append(port);
            else result.Append(part.Literal);
        }

        return result.ToString();
    }

    /// <summary>Whether a path and query have the form of this template, and the two values, percent-decoded and not validated further.</summary>
    /// <param name="pathAndQuery">As received.</param>
    /// <param name="host">Null for what <see cref="Expand"/> makes of no host: a character that it would have encoded, or a broken percent-encoding.</param>
    /// <param name="port">The same.</param>
    public bool TryMatch(ReadOnlySpan<char> pathAndQuery, out string? host, out string? port)
    {
        host = port = null;
        for (var i = 0; i < _parts.Length; i++)
        {
            if (_parts[i].Literal is { } literal)
            {
                if (!pathAndQuery.StartsWith(literal, StringComparison.Ordinal)) return false;
                pathAndQuery = pathAndQuery[literal.Length..];
                continue;
            }

            var next = i + 1 < _parts.Length ? _parts[i + 1].Literal : null;
            var end = next is null ? pathAndQuery.Length : pathAndQuery.IndexOf(next, StringComparison.Ordinal);
            if (end < 0) return false;
            var value = Unescape(pathAndQuery[..end]);
            pathAndQuery = pathAndQuery[end..];
            if (_parts[i].Variable == TemplateVariable.Host) host = value;
            else port = value;
        }

        return pathAndQuery.IsEmpty;
    }

    /// <summary>A template of level 1 that expands to the same.</summary>
    public override string ToString() => string.Concat(_parts.Select(static part => part.Literal ?? (part.Variable == TemplateVariable.Host ? "{target_host}" : "{target_port}")));

    private static void Escape(StringBuilder result, string value)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (_unreserved.Contains((char)octet)) result.Append((char)octet);
            else result.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Only what <see cref="Escape"/> can have made; percent-encoded octets must be ASCII, as hosts and ports are.</summary>
    private static string? Unescape(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (_unreserved.Contains(text[i]))
            {
                result.Append(text[i]);
                continue;
            }

            if (text[i] != '%' || i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return null;
            var octet = Convert.ToInt32(text.Slice(i + 1, 2).ToString(), 16);
            if (octet > 0x7f) return null;
            result.Append((char)octet);
            i += 2;
        }

        return result.ToString();
    }
}
