using System.Buffers;

namespace Tunneling.Tls;

/// <summary>Bytes that could not go on yet, in a pooled array; empty, it holds nothing.</summary>
internal struct RemainingBytes
{
    private byte[]? _array;
    private int _start;
    private int _end;

    public readonly bool IsEmpty => _start == _end;

    public readonly int Length => _end - _start;

    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(_start, _end - _start);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (_array is null || _array.Length - _end < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(_array.AsSpan(_end));
        _end += bytes.Length;
    }

    public void Advance(int count)
    {
        _start += count;
        if (_start == _end) Clear();
    }

    /// <summary>Moves as much as there is room for; returns how much.</summary>
    public int MoveTo(Span<byte> destination)
    {
        var count = Math.Min(Length, destination.Length);
        if (count == 0) return 0;
        Span[..count].CopyTo(destination);
        Advance(count);
        return count;
    }

    public void Clear()
    {
        if (_array is not null) ArrayPool<byte>.Shared.Return(_array);
        _array = null;
        _start = _end = 0;
    }

    private void Grow(int more)
    {
        var length = Length;
        var grown = ArrayPool<byte>.Shared.Rent(length + more);
        Span.CopyTo(grown);
        if (_array is not null) ArrayPool<byte>.Shared.Return(_array);
        (_array, _start, _end) = (grown, 0, length);
    }
}
