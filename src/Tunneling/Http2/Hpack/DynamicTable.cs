namespace Tunneling.Http2.Hpack;

/// <summary>
/// The dynamic table of RFC 7541, section 2.3.2, of one direction of one connection: names and values in a ring of bytes
/// that grows as it fills, so that a client which uses no table costs none.
/// </summary>
/// <param name="maxSize">The limit that was announced, bytes as section 4.1 counts them.</param>
internal sealed class DynamicTable(int maxSize)
{
    /// <summary>What every entry counts beyond its bytes (section 4.1).</summary>
    public const int EntryOverhead = 32;

    private const int FirstCapacity = 256;

    private readonly int _limit = maxSize;
    private byte[] _bytes = [];
    private Entry[] _entries = [];
    private int _newest; // where in _entries
    private int _tail; // where the oldest byte stands in _bytes
    private int _used; // bytes in _bytes

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>What the entries count together.</summary>
    public int Size => _used + (Count * EntryOverhead);

    /// <summary>What they may count; set by size updates, at most the limit that was announced.</summary>
    public int MaxSize { get; private set; } = maxSize;

    /// <summary>A size update (section 6.3). False: over the limit.</summary>
    public bool TryResize(int size)
    {
        if (size > _limit) return false;
        MaxSize = size;
        EvictTo(size);
        return true;
    }

    /// <summary>Adds an entry in front; one that is larger than the table only empties it (section 4.4).</summary>
    public void Add(FieldName id, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var length = name.Length + value.Length;
        if (length + EntryOverhead > MaxSize)
        {
            EvictTo(0);
            return;
        }

        EvictTo(MaxSize - length - EntryOverhead);
        EnsureRoom(length);
        var at = (_tail + _used) % _bytes.Length;
        Write(at, name);
        Write((at + name.Length) % _bytes.Length, value);
        _used += length;
        _newest = (_newest + 1) % _entries.Length;
        _entries[_newest] = new Entry(at, name.Length, value.Length, id);
        Count++;
    }

    /// <summary>An entry's lengths and id by its place: 0 is the newest.</summary>
    public Entry Get(int place) => _entries[(_newest - place + _entries.Length) % _entries.Length];

    /// <summary>Copies an entry's name.</summary>
    public void CopyName(in Entry entry, Span<byte> destination) => Read(entry.Start, destination[..entry.NameLength]);

    /// <summary>Copies an entry's value.</summary>
    public void CopyValue(in Entry entry, Span<byte> destination) =>
        Read((entry.Start + entry.NameLength) % Math.Max(_bytes.Length, 1), destination[..entry.ValueLength]);

    private void EvictTo(int size)
    {
        while (Count > 0 && Size > size)
        {
            var oldest = Get(Count - 1);
            var length = oldest.NameLength + oldest.ValueLength;
            _tail = _bytes.Length == 0 ? 0 : (_tail + length) % _bytes.Length;
            _used -= length;
            Count--;
        }
    }

    private void EnsureRoom(int length)
    {
        if (_used + length > _bytes.Length || _bytes.Length == 0) GrowBytes(_used + length);
        if (Count < _entries.Length) return;
        var entries = new Entry[Math.Max(4, _entries.Length * 2)];
        for (var i = 0; i < Count; i++) entries[i] = Get(Count - 1 - i);
        (_entries, _newest) = (entries, Math.Max(Count - 1, 0));
        if (Count == 0) _newest = entries.Length - 1;
    }

    private void GrowBytes(int needed)
    {
        var bytes = new byte[Math.Min(Math.Max(_limit, 1), Math.Max(Math.Max(FirstCapacity, needed), _bytes.Length * 2))];
        Read(_tail, bytes.AsSpan(0, _used));
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref _entries[(_newest - i + _entries.Length) % _entries.Length];
            entry = entry with { Start = (entry.Start - _tail + _bytes.Length) % _bytes.Length };
        }

        (_bytes, _tail) = (bytes, 0);
    }

    private void Write(int at, ReadOnlySpan<byte> source)
    {
        var first = Math.Min(source.Length, _bytes.Length - at);
        source[..first].CopyTo(_bytes.AsSpan(at));
        source[first..].CopyTo(_bytes);
    }

    private void Read(int at, Span<byte> destination)
    {
        var first = Math.Min(destination.Length, _bytes.Length - at);
        _bytes.AsSpan(at, first).CopyTo(destination);
        _bytes.AsSpan(0, destination.Length - first).CopyTo(destination[first..]);
    }

    /// <summary>Where an entry's bytes stand in the ring, its value right after its name.</summary>
    internal readonly record struct Entry(int Start, int NameLength, int ValueLength, FieldName Id);
}
