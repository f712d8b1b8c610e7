using Tunneling.Http2.Hpack;

namespace Tunneling.Http3;

/// <summary>Writes field sections: pseudo-fields by the static table where they are there, all others as literals. There is no dynamic table.</summary>
internal static class QpackEncoder
{
    /// <summary>The most bytes either start takes.</summary>
    public const int MaxStartLength = PrefixLength + 2 + HpackString.StatusLength;

    private const int PrefixLength = 2;

    /// <summary>Of <c>:status</c> with the value 103: the first of its name.</summary>
    private const int StatusName = 24;

    /// <summary>Begins a request's section; returns its length.</summary>
    public static int WriteStart(Span<byte> destination)
    {
        // Required Insert Count and Base: no dynamic table.
        (destination[0], destination[1]) = (0, 0);
        return PrefixLength;
    }

    /// <summary>Begins an answer's section, with <c>:status</c>; returns its length.</summary>
    public static int WriteStart(Span<byte> destination, int status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 999);
        var written = WriteStart(destination);
        if (status == 200) return written + WriteIndexed(destination[written..], StatusName + 1);
        written += WriteNameReference(destination[written..], StatusName);
        return written + HpackString.WriteStatus(destination[written..], status);
    }

    /// <summary>The most bytes <see cref="WriteField"/> writes for a name and a value.</summary>
    public static int MaxFieldLength(string name, string value) => (2 * HpackInteger.MaxLength) + name.Length + value.Length;

    /// <summary>Writes a field, its name in lower case; returns its length. Characters beyond Latin-1 become question marks.</summary>
    public static int WriteField(Span<byte> destination, string name, string value)
    {
        int written;
        if (name is [':', ..] && QpackStaticTable.Find(name, value, out var isWhole) is >= 0 and var index)
        {
            if (isWhole) return WriteIndexed(destination, index);
            written = WriteNameReference(destination, index);
        }
        else
        {
            written = HpackInteger.Write(destination, 0x20, 3, name.Length);
            written += FieldNames.WriteLower(name, destination[written..]);
        }

        return written + HpackString.WriteValue(destination[written..], value);
    }

    private static int WriteIndexed(Span<byte> destination, int index) => HpackInteger.Write(destination, 0xc0, 6, index);

    /// <summary>An index of 15 and more takes a second byte.</summary>
    private static int WriteNameReference(Span<byte> destination, int index) => HpackInteger.Write(destination, 0x50, 4, index);
}
