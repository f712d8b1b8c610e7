namespace PrivacyPass.Http;

/// <summary>One item of an authentication field, in place.</summary>
internal readonly ref struct AuthFieldItem
{
    public AuthFieldItemKind Kind { get; init; }

    /// <summary>The name of a scheme or parameter.</summary>
    public ReadOnlySpan<char> Name { get; init; }

    /// <summary>The value of a parameter without its quotes but with its escapes, or a token68.</summary>
    public ReadOnlySpan<char> Value { get; init; }

    /// <summary>True when <see cref="Value"/> holds quoted pairs to be unescaped.</summary>
    public bool HasEscapes { get; init; }

    /// <summary>True when a comma stands before the item.</summary>
    public bool FollowsComma { get; init; }

    public bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the value with each quoted pair replaced by its second character; the destination is at least as long as the value.</summary>
    public int Unescape(Span<char> destination)
    {
        var length = 0;
        for (var i = 0; i < Value.Length; i++)
        {
            if (Value[i] == '\\') i++; // the reader has made sure that a character follows
            destination[length++] = Value[i];
        }

        return length;
    }

    /// <summary>The unescaped value.</summary>
    public string GetText()
    {
        if (!HasEscapes) return Value.ToString();
        var text = new char[Value.Length];
        return new string(text, 0, Unescape(text));
    }
}
