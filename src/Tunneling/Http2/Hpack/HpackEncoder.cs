namespace Tunneling.Http2.Hpack;

/// <summary>
/// Writes the field lines of answers: indexes of the static table and literals that are added to no table.
/// An answer to CONNECT has two or three short fields that differ from tunnel to tunnel, so a table would cost more memory than it saves bytes.
/// </summary>
internal static class HpackEncoder
{
    /// <summary>The size update to nothing, for a peer that has lowered its limit (RFC 7541, section 4.2).</summary>
    public const byte TableSizeZero = 0x20;

    /// <summary>The most bytes <see cref="WriteStatus"/> writes.</summary>
    public const int MaxStatusLength = 1 + HpackString.StatusLength;

    /// <summary>Writes <c>:status</c>; returns its length.</summary>
    public static int WriteStatus(Span<byte> destination, int status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 999);
        var index = status switch { 200 => 8, 204 => 9, 206 => 10, 304 => 11, 400 => 12, 404 => 13, 500 => 14, _ => 0 };
        if (index != 0)
        {
            destination[0] = (byte)(0x80 | index);
            return 1;
        }

        destination[0] = StaticTable.Status200;
        return 1 + HpackString.WriteStatus(destination[1..], status);
    }

    /// <summary>The most bytes <see cref="WriteField"/> writes for a name and a value.</summary>
    public static int MaxFieldLength(string name, string value) =>
        1 + (2 * HpackInteger.MaxLength) + name.Length + value.Length;

    /// <summary>Writes a field, its name in lower case; returns its length. Characters beyond Latin-1 become question marks.</summary>
    public static int WriteField(Span<byte> destination, string name, string value)
    {
        Span<byte> lower = stackalloc byte[128];
        if (name.Length > lower.Length) lower = new byte[name.Length];
        var nameLength = FieldNames.WriteLower(name, lower);
        lower = lower[..nameLength];
        var index = StaticTable.FindName(lower);
        var written = 0;
        if (index != 0)
        {
            written = HpackInteger.Write(destination, 0x00, 4, index);
        }
        else
        {
            destination[written++] = 0;
            written += HpackInteger.Write(destination[written..], 0x00, HpackString.PrefixBits, nameLength);
            lower.CopyTo(destination[written..]);
            written += nameLength;
        }

        return written + HpackString.WriteValue(destination[written..], value);
    }
}
