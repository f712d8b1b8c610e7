using System.Globalization;
using System.Text;

namespace PrivacyProxy.Commands.Top.Exposition;

/// <summary>Takes one sample line apart: <c>name{label="value",...} value [timestamp] [# exemplar]</c>.</summary>
internal ref struct SampleLineReader(ReadOnlySpan<char> line)
{
    private ReadOnlySpan<char> _rest = line;

    public bool TryReadName(out ReadOnlySpan<char> name) => TryReadWord(allowColon: true, out name);

    /// <summary>Reads the labels, if there are any.</summary>
    public bool TryReadLabels(out LabelSet labels)
    {
        labels = LabelSet.Empty;
        SkipBlanks();
        if (!TryTake('{')) return true;
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!TryTake('}'))
        {
            if (!TryReadWord(allowColon: false, out var name) || !TryTake('=') || !TryReadQuoted(out var value) || !read.TryAdd(name.ToString(), value)) return false;
            // A comma may follow the last label too.
            if (!TryTake(',') && !Next('}')) return false;
        }

        labels = new LabelSet(read);
        return true;
    }

    /// <summary>Reads the value; the timestamp and the exemplar after it are only passed over.</summary>
    public bool TryReadValue(out double value)
    {
        SkipBlanks();
        if (!TryParse(Field(), out value)) return false;
        SkipBlanks();
        if (_rest.IsEmpty || _rest[0] == '#') return true;
        if (!TryParse(Field(), out _)) return false;
        SkipBlanks();
        return _rest.IsEmpty || _rest[0] == '#';
    }

    private static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        if (text.IsEmpty) return false;
        var sign = text[0] == '-' ? -1 : 1;
        var digits = text[0] is '-' or '+' ? text[1..] : text;
        if (digits.Equals("Inf", StringComparison.OrdinalIgnoreCase) || digits.Equals("Infinity", StringComparison.OrdinalIgnoreCase)) value = sign * double.PositiveInfinity;
        else if (text.Equals("NaN", StringComparison.OrdinalIgnoreCase)) value = double.NaN;
        else return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
        return true;
    }

    /// <summary>A metric or label name: letters, digits and underscores, not a digit first.</summary>
    private bool TryReadWord(bool allowColon, out ReadOnlySpan<char> word)
    {
        SkipBlanks();
        var length = 0;
        while (length < _rest.Length && (char.IsAsciiLetter(_rest[length]) || _rest[length] == '_' || (allowColon && _rest[length] == ':') || (length > 0 && char.IsAsciiDigit(_rest[length])))) length++;
        word = _rest[..length];
        _rest = _rest[length..];
        return length > 0;
    }

    private bool TryReadQuoted(out string value)
    {
        value = "";
        if (!TryTake('"')) return false;
        var read = new StringBuilder();
        for (var i = 0; i < _rest.Length; i++)
        {
            if (_rest[i] == '"')
            {
                value = read.ToString();
                _rest = _rest[(i + 1)..];
                return true;
            }

            if (_rest[i] != '\\')
            {
                read.Append(_rest[i]);
                continue;
            }

            if (++i == _rest.Length) return false;
            if (_rest[i] is not ('n' or '"' or '\\')) return false;
            read.Append(_rest[i] == 'n' ? '\n' : _rest[i]);
        }

        return false;
    }

    private ReadOnlySpan<char> Field()
    {
        var length = _rest.IndexOfAny(' ', '\t');
        var field = length < 0 ? _rest : _rest[..length];
        _rest = _rest[field.Length..];
        return field;
    }

    private bool Next(char expected)
    {
        SkipBlanks();
        return !_rest.IsEmpty && _rest[0] == expected;
    }

    private bool TryTake(char expected)
    {
        if (!Next(expected)) return false;
        _rest = _rest[1..];
        return true;
    }

    private void SkipBlanks() => _rest = _rest.TrimStart([' ', '\t']);
}
