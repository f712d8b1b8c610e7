using System.Buffers;

namespace PrivacyPass.Http;

/// <summary>
/// Splits the value of an authentication field into its items, in place and in one pass (RFC 9110, sections 11.2 to 11.6.1).
/// More liberal than the grammar where clients are: unquoted values may end in '=', white space alone may separate parameters.
/// </summary>
internal ref struct AuthFieldReader(ReadOnlySpan<char> text)
{
    private const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly SearchValues<char> _token = SearchValues.Create(TokenCharacters);
    private static readonly SearchValues<char> _token68 = SearchValues.Create("-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> _unquoted = SearchValues.Create(TokenCharacters + "=/");
    private static readonly SearchValues<char> _quotedStops = SearchValues.Create(QuotedStops());

    private ReadOnlySpan<char> _rest = text;
    private bool _afterScheme;

    /// <summary>Reads the next item. After <see cref="AuthFieldItemKind.Malformed"/>, <see cref="SkipToComma"/> finds a place to go on.</summary>
    public AuthFieldItem Read()
    {
        var followsComma = SkipSeparators();
        var afterScheme = _afterScheme && !followsComma;
        _afterScheme = false;
        if (_rest.IsEmpty) return default;
        if (afterScheme && TryReadToken68(out var token68)) return new() { Kind = AuthFieldItemKind.Token68, Value = token68 };

        var name = TakeWhile(_token);
        if (name.IsEmpty) return Malformed;
        var afterName = _rest.TrimStart(" \t");
        if (afterName.StartsWith("=", StringComparison.Ordinal))
        {
            _rest = afterName[1..].TrimStart(" \t");
            return ReadParameter(name, followsComma);
        }

        if (!IsAtSeparator()) return Malformed;
        _afterScheme = true;
        return new() { Kind = AuthFieldItemKind.Scheme, Name = name, FollowsComma = followsComma };
    }

    /// <summary>Skips to the next comma outside of quotes, or to the end.</summary>
    public void SkipToComma()
    {
        while (!_rest.IsEmpty && _rest[0] != ',')
        {
            if (_rest[0] == '"' && TryReadQuoted(out _, out _)) continue;
            _rest = _rest[1..];
        }
    }

    private static AuthFieldItem Malformed => new() { Kind = AuthFieldItemKind.Malformed };

    private AuthFieldItem ReadParameter(ReadOnlySpan<char> name, bool followsComma)
    {
        ReadOnlySpan<char> value;
        var hasEscapes = false;
        if (_rest.StartsWith("\"", StringComparison.Ordinal))
        {
            if (!TryReadQuoted(out value, out hasEscapes)) return Malformed;
        }
        else
        {
            value = TakeWhile(_unquoted);
            if (value.IsEmpty) return Malformed;
        }

        if (!IsAtSeparator()) return Malformed;
        return new() { Kind = AuthFieldItemKind.Parameter, Name = name, Value = value, HasEscapes = hasEscapes, FollowsComma = followsComma };
    }

    private bool TryReadQuoted(out ReadOnlySpan<char> value, out bool hasEscapes)
    {
        value = default;
        hasEscapes = false;
        var position = 1;
        while (true)
        {
            var stop = _rest[position..].IndexOfAny(_quotedStops);
            if (stop < 0) return false;
            position += stop;
            if (_rest[position] == '"') break;
            // A quoted pair may escape anything but a control character.
            if (_rest[position] != '\\' || position + 1 >= _rest.Length || IsControl(_rest[position + 1])) return false;
            hasEscapes = true;
            position += 2;
        }

        value = _rest[1..position];
        _rest = _rest[(position + 1)..];
        return true;
    }

    private bool TryReadToken68(out ReadOnlySpan<char> token68)
    {
        var end = _rest.IndexOfAnyExcept(_token68);
        if (end < 0) end = _rest.Length;
        var padded = end;
        while (end > 0 && padded < _rest.Length && _rest[padded] == '=') padded++;
        token68 = _rest[..padded];
        var after = _rest[padded..].TrimStart(" \t");
        if (padded == 0 || !(after.IsEmpty || after[0] == ',')) return false;
        _rest = after;
        return true;
    }

    /// <summary>Skips white space and commas; true when a comma was among them.</summary>
    private bool SkipSeparators()
    {
        var end = _rest.IndexOfAnyExcept(" \t,");
        if (end < 0) end = _rest.Length;
        var hasComma = _rest[..end].Contains(',');
        _rest = _rest[end..];
        return hasComma;
    }

    private ReadOnlySpan<char> TakeWhile(SearchValues<char> allowed)
    {
        var end = _rest.IndexOfAnyExcept(allowed);
        var taken = end < 0 ? _rest : _rest[..end];
        _rest = _rest[taken.Length..];
        return taken;
    }

    private readonly bool IsAtSeparator() => _rest.IsEmpty || _rest[0] is ' ' or '\t' or ',';

    /// <summary>True for the characters a quoted-string cannot hold, not even escaped (RFC 9110, section 5.6.4).</summary>
    public static bool IsControl(char c) => c is (< ' ' and not '\t') or '\x7f';

    private static string QuotedStops()
    {
        var controls = Enumerable.Range(0, 0x80).Select(c => (char)c).Where(IsControl);
        return string.Concat(controls) + "\"\\";
    }
}
