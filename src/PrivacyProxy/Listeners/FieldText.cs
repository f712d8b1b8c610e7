using System.Buffers;

namespace PrivacyProxy.Listeners;

/// <summary>What may stand in a field (RFC 9110, section 5).</summary>
internal static class FieldText
{
    private static readonly SearchValues<char> _name = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<char> _notInValues = SearchValues.Create([.. Enumerable.Range(0, 32).Where(static c => c != '\t').Select(static c => (char)c), '\x7f']);

    /// <summary>Whether all names of a request are some, as Kestrel does not ask for on HTTP/2 and HTTP/3 (RFC 9113, section 8.2.1).</summary>
    public static bool AreNames(IHeaderDictionary fields)
    {
        foreach (var (name, _) in fields)
            if (!IsName(name)) return false;
        return true;
    }

    public static bool IsName(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(_name);

    /// <summary>What Latin-1 can write, too.</summary>
    public static bool IsValue(ReadOnlySpan<char> text) => !text.ContainsAny(_notInValues) && !text.ContainsAnyExceptInRange('\0', '\xff');
}
