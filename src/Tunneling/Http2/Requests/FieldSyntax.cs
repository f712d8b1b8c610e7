using System.Buffers;
using System.Text;
using Tunneling.Http2.Hpack;

namespace Tunneling.Http2.Requests;

/// <summary>Which bytes may stand where (RFC 9110, section 5; RFC 9113, section 8.2).</summary>
internal static class FieldSyntax
{
    private const string Symbols = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<byte> _nameBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Symbols));
    private static readonly SearchValues<byte> _tokenBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Symbols + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));

    // Controls but the tab.
    private static readonly SearchValues<byte> _notInValues =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != '\t').Select(b => (byte)b), (byte)0x7f]);

    // Controls, space, what is not ASCII, and what begins a fragment.
    private static readonly SearchValues<byte> _notInTargets =
        SearchValues.Create([.. Enumerable.Range(0, 33).Select(b => (byte)b), (byte)'#', .. Enumerable.Range(127, 129).Select(b => (byte)b)]);

    /// <summary>A field name: a token without upper-case letters.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.ContainsAnyExcept(_nameBytes);

    /// <summary>A method or protocol.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(_tokenBytes);

    /// <summary>A field value: no controls, no white space at its ends.</summary>
    public static bool IsValue(ReadOnlySpan<byte> value) =>
        value.IsEmpty || (!IsBlank(value[0]) && !IsBlank(value[^1]) && !value.ContainsAny(_notInValues));

    /// <summary>A path with a query.</summary>
    public static bool IsTarget(ReadOnlySpan<byte> text) => !text.ContainsAny(_notInTargets);

    /// <summary>A scheme (RFC 3986, section 3.1).</summary>
    public static bool IsScheme(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter((char)text[0])) return false;
        foreach (var b in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'+' or (byte)'-' or (byte)'.')) return false;
        }

        return true;
    }

    /// <summary>A content-length: digits only.</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> value, out long length)
    {
        length = 0;
        if (value.IsEmpty || value.Length > 18) return false;
        foreach (var b in value)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            length = (length * 10) + (b - '0');
        }

        return true;
    }

    /// <summary>Fields that speak of a connection, which HTTP/2 does itself (section 8.2.2).</summary>
    public static bool IsConnectionSpecific(FieldName id) =>
        id is FieldName.Connection or FieldName.ProxyConnection or FieldName.KeepAlive or FieldName.TransferEncoding or FieldName.Upgrade;

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Ascii.EqualsIgnoreCase(left, right);

    private static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t';
}
