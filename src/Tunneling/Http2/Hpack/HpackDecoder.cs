namespace Tunneling.Http2.Hpack;

/// <summary>The decoder of one connection (RFC 7541). A whole block at a time; it allocates only while its table grows.</summary>
/// <param name="maxTableSize">What SETTINGS_HEADER_TABLE_SIZE announced, or its default of 4,096.</param>
internal sealed class HpackDecoder(int maxTableSize = HpackDecoder.DefaultTableSize)
{
    public const int DefaultTableSize = 4096;

    // One to the smallest size in between and one to the last (section 4.2).
    private const int MaxSizeUpdates = 2;

    private readonly DynamicTable _table = new(maxTableSize);

    /// <summary>What the dynamic table counts now.</summary>
    public int TableSize => _table.Size;

    /// <summary>Decodes a block into <paramref name="fields"/>, which goes on decoding for the table's sake when the list is over its limit.</summary>
    public HpackError Decode(ReadOnlySpan<byte> block, FieldList fields)
    {
        var position = 0;
        var updates = 0;
        while (position < block.Length)
        {
            var first = block[position];
            HpackError error;
            if (first >= 0x80)
            {
                updates = MaxSizeUpdates;
                error = ReadIndexed(block, ref position, fields);
            }
            else if (first is >= 0x20 and < 0x40)
            {
                if (updates++ >= MaxSizeUpdates) return HpackError.InvalidTableSize;
                error = HpackInteger.Read(block, ref position, 5, out var size);
                if (error == HpackError.None && !_table.TryResize(size)) error = HpackError.InvalidTableSize;
            }
            else
            {
                updates = MaxSizeUpdates;
                // 01: added to the table. 0000 and 0001: not, the latter never on any hop; nothing is forwarded from here.
                error = ReadLiteral(block, ref position, isIndexed: first >= 0x40, fields);
            }

            if (error != HpackError.None) return error;
        }

        return HpackError.None;
    }

    private HpackError ReadIndexed(ReadOnlySpan<byte> block, ref int position, FieldList fields)
    {
        var error = HpackInteger.Read(block, ref position, 7, out var index);
        if (error != HpackError.None) return error;
        if (index == 0) return HpackError.InvalidIndex;
        if (index <= StaticTable.Count)
        {
            ref readonly var known = ref StaticTable.Get(index);
            fields.Add(known.Id, known.Name, known.Value);
            return HpackError.None;
        }

        var place = index - StaticTable.Count - 1;
        if (place >= _table.Count) return HpackError.InvalidIndex;
        var entry = _table.Get(place);
        if (!fields.Fits(entry.NameLength, entry.ValueLength)) return HpackError.None;
        var copy = fields.Room(entry.NameLength + entry.ValueLength);
        _table.CopyName(entry, copy);
        _table.CopyValue(entry, copy[entry.NameLength..]);
        fields.Keep(entry.Id, entry.NameLength, entry.ValueLength);
        return HpackError.None;
    }

    private HpackError ReadLiteral(ReadOnlySpan<byte> block, ref int position, bool isIndexed, FieldList fields)
    {
        var error = HpackInteger.Read(block, ref position, isIndexed ? 6 : 4, out var index);
        if (error != HpackError.None) return error;
        FieldName id;
        int nameLength;
        if (index == 0)
        {
            error = HpackString.Read(block, ref position, HpackString.PrefixBits, fields, offset: 0, out nameLength);
            if (error != HpackError.None) return error;
            id = FieldNames.Find(fields.Room(nameLength)[..nameLength]);
        }
        else if (index <= StaticTable.Count)
        {
            ref readonly var known = ref StaticTable.Get(index);
            (id, nameLength) = (known.Id, known.Name.Length);
            known.Name.CopyTo(fields.Room(nameLength));
        }
        else
        {
            var place = index - StaticTable.Count - 1;
            if (place >= _table.Count) return HpackError.InvalidIndex;
            var entry = _table.Get(place);
            (id, nameLength) = (entry.Id, entry.NameLength);
            _table.CopyName(entry, fields.Room(nameLength));
        }

        error = HpackString.Read(block, ref position, HpackString.PrefixBits, fields, nameLength, out var valueLength);
        if (error != HpackError.None) return error;
        if (isIndexed)
        {
            var field = fields.Room(nameLength + valueLength);
            _table.Add(id, field[..nameLength], field.Slice(nameLength, valueLength));
        }

        fields.Keep(id, nameLength, valueLength);
        return HpackError.None;
    }
}
