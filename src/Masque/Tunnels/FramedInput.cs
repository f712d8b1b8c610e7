namespace Masque.Tunnels;

/// <summary>Takes a stream apart whose pieces have a type and a length as it arrives: capsules (RFC 9297) and frames of HTTP/3 (RFC 9114) alike.</summary>
internal sealed class FramedInput(Stream stream)
{
    /// <summary>For headers, and the little that comes with them: the bulk goes where it is read to.</summary>
    private const int BufferSize = 4096;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;

    /// <summary>The type of the piece being read.</summary>
    public ulong Type { get; private set; }

    /// <summary>Bytes of it that were not read yet.</summary>
    public ulong Remaining { get; private set; }

    /// <summary>Goes to the next piece and skips what is left of this one; false where the stream ends between two.</summary>
    /// <exception cref="IOException">The stream ends within a piece.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        while (Remaining > 0) await SkipAsync(cancellationToken);
        while (!TryReadHeader())
        {
            if (await FillAsync(cancellationToken)) continue;
            return _start == _end ? false : throw Cut();
        }

        return true;
    }

    /// <summary>Reads of this piece; 0 at its end.</summary>
    /// <exception cref="IOException">The stream ends within it.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        buffer = buffer[..(int)Math.Min((ulong)buffer.Length, Remaining)];
        if (buffer.IsEmpty) return 0;
        var count = Math.Min(buffer.Length, _end - _start);
        if (count > 0)
        {
            _buffer.AsSpan(_start, count).CopyTo(buffer.Span);
            _start += count;
        }
        else
        {
            count = await stream.ReadAsync(buffer, cancellationToken);
            if (count == 0) throw Cut();
        }

        Remaining -= (ulong)count;
        return count;
    }

    /// <summary>This piece as a whole, which the caller knows to be small.</summary>
    /// <exception cref="IOException">The stream ends within it.</exception>
    public async ValueTask<byte[]> ReadWholeAsync(CancellationToken cancellationToken)
    {
        var whole = new byte[Remaining];
        for (var read = 0; read < whole.Length;) read += await ReadAsync(whole.AsMemory(read), cancellationToken);
        return whole;
    }

    /// <summary>A number outside of any piece; null at the end of the stream.</summary>
    public async ValueTask<ulong?> ReadNumberAsync(CancellationToken cancellationToken)
    {
        ulong value;
        int length;
        while (!VarInt.TryRead(_buffer.AsSpan(_start.._end), out value, out length))
        {
            if (!await FillAsync(cancellationToken)) return null;
        }

        _start += length;
        return value;
    }

    private bool TryReadHeader()
    {
        ReadOnlySpan<byte> buffered = _buffer.AsSpan(_start.._end);
        if (!VarInt.TryRead(buffered, out var type, out var typeLength) || !VarInt.TryRead(buffered[typeLength..], out var length, out var lengthLength)) return false;
        _start += typeLength + lengthLength;
        (Type, Remaining) = (type, length);
        return true;
    }

    private async ValueTask SkipAsync(CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken)) throw Cut();
        var count = (int)Math.Min((ulong)(_end - _start), Remaining);
        _start += count;
        Remaining -= (ulong)count;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }

    private static IOException Cut() => new("The tunnel was cut.");
}
