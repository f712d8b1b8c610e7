using Tunneling.Http2.Hpack;

namespace Tunneling.Http3;

/// <summary>Field sections (RFC 9204, section 4.5) of a peer that was allowed no dynamic table: such references are errors.</summary>
internal static class QpackDecoder
{
    /// <summary>Decodes a whole section into <paramref name="fields"/>, which keeps no more than its limit. False where it cannot be read.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> section, FieldList fields)
    {
        var position = 0;
        // Required Insert Count and Base.
        if (HpackInteger.Read(section, ref position, 8, out var inserts) != HpackError.None || inserts != 0) return false;
        if (HpackInteger.Read(section, ref position, 7, out _) != HpackError.None) return false;
        while (position < section.Length)
        {
            if (!TryReadLine(section, ref position, fields)) return false;
        }

        return true;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> section, ref int position, FieldList fields)
    {
        var first = section[position];
        // 11: a field of the static table. 10 and 0000, 0001: of a dynamic one.
        if (first >= 0xc0)
        {
            if (!TryReadIndex(section, ref position, 6, out var index)) return false;
            ref readonly var known = ref QpackStaticTable.Get(index);
            fields.Add(known.Id, known.Name, known.Value);
            return true;
        }

        FieldName id;
        int nameLength;
        if ((first & 0xd0) == 0x50)
        {
            if (!TryReadIndex(section, ref position, 4, out var index)) return false;
            ref readonly var known = ref QpackStaticTable.Get(index);
            (id, nameLength) = (known.Id, known.Name.Length);
            known.Name.CopyTo(fields.Room(nameLength));
        }
        else if ((first & 0xe0) == 0x20)
        {
            if (HpackString.Read(section, ref position, 3, fields, offset: 0, out nameLength) != HpackError.None) return false;
            id = FieldNames.Find(fields.Room(nameLength)[..nameLength]);
        }
        else
        {
            return false;
        }

        if (HpackString.Read(section, ref position, HpackString.PrefixBits, fields, nameLength, out var valueLength) != HpackError.None) return false;
        fields.Keep(id, nameLength, valueLength);
        return true;
    }

    private static bool TryReadIndex(ReadOnlySpan<byte> section, ref int position, int prefixBits, out int index) =>
        HpackInteger.Read(section, ref position, prefixBits, out index) == HpackError.None && index < QpackStaticTable.Count;
}
