namespace Tunneling.Http2.Hpack;

/// <summary>
/// The fields of one decoded block, in a buffer that one block after another uses. Over its limit it keeps no more,
/// so that a block which names one large entry many times costs what its own bytes cost.
/// </summary>
/// <param name="maxSize">The limit on the size of a list as RFC 9113, section 6.5.2 counts it: 32 for each field beyond its bytes.</param>
internal sealed class FieldList(int maxSize)
{
    private const int KeptCapacity = 16 * 1024;

    private byte[] _bytes = new byte[2048];
    private Field[] _fields = new Field[32];
    private int _used;
    private long _size;

    /// <summary>How many fields are kept.</summary>
    public int Count { get; private set; }

    /// <summary>True when the list went over its limit: its fields are then not all here.</summary>
    public bool IsTooLarge => _size > maxSize;

    /// <summary>The fields that are kept.</summary>
    public ReadOnlySpan<Field> Fields => _fields.AsSpan(0, Count);

    /// <summary>The bytes of a field's name.</summary>
    public ReadOnlySpan<byte> Name(in Field field) => _bytes.AsSpan(field.Start, field.NameLength);

    /// <summary>The bytes of a field's value.</summary>
    public ReadOnlySpan<byte> Value(in Field field) => _bytes.AsSpan(field.Start + field.NameLength, field.ValueLength);

    /// <summary>Forgets all fields, and what only a large list needed.</summary>
    public void Clear()
    {
        (Count, _used, _size) = (0, 0, 0);
        if (_bytes.Length > KeptCapacity) _bytes = new byte[KeptCapacity];
    }

    /// <summary>Room behind what is kept, for a name and its value; <see cref="Keep"/> keeps them, or the next call uses it again.</summary>
    public Span<byte> Room(int length)
    {
        if (_bytes.Length - _used < length) Array.Resize(ref _bytes, Math.Max(_used + length, _bytes.Length * 2));
        return _bytes.AsSpan(_used);
    }

    /// <summary>Keeps what was written to <see cref="Room"/> as a field, if it still fits the limit.</summary>
    public void Keep(FieldName id, int nameLength, int valueLength)
    {
        if (!AddSize(nameLength, valueLength)) return;
        if (Count == _fields.Length) Array.Resize(ref _fields, _fields.Length * 2);
        _fields[Count++] = new Field(id, _used, nameLength, valueLength);
        _used += nameLength + valueLength;
    }

    /// <summary>Whether a field of these lengths would be kept; counts one that would not, so that it need not be copied.</summary>
    public bool Fits(int nameLength, int valueLength)
    {
        if (_size + nameLength + valueLength + DynamicTable.EntryOverhead <= maxSize) return true;
        AddSize(nameLength, valueLength);
        return false;
    }

    /// <summary>Keeps a copy of a field, if it fits the limit; one that does not is counted and not copied.</summary>
    public void Add(FieldName id, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!Fits(name.Length, value.Length)) return;
        var room = Room(name.Length + value.Length);
        name.CopyTo(room);
        value.CopyTo(room[name.Length..]);
        Keep(id, name.Length, value.Length);
    }

    private bool AddSize(int nameLength, int valueLength)
    {
        _size += nameLength + valueLength + DynamicTable.EntryOverhead;
        return _size <= maxSize;
    }

    /// <summary>Where a field stands in the list's buffer, its value right after its name.</summary>
    internal readonly record struct Field(FieldName Id, int Start, int NameLength, int ValueLength);
}
