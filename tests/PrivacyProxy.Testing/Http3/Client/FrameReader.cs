using Masque;

namespace PrivacyProxy.Testing.Http3.Client;

/// <summary>Takes the frames of a stream apart.</summary>
internal sealed class FrameReader(ITransportStream stream)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next integer; null where the stream ends.</summary>
    public async ValueTask<ulong?> TryReadIntegerAsync()
    {
        while (true)
        {
            if (VarInt.TryRead(_buffer.AsSpan(_start, _end - _start), out var value, out var length))
            {
                _start += length;
                return value;
            }

            if (!await FillAsync()) return _start == _end ? null : throw new EndOfStreamException();
        }
    }

    public async ValueTask<ulong> ReadIntegerAsync() => await TryReadIntegerAsync() ?? throw new EndOfStreamException();

    /// <summary>Whole, since the server is trusted to send small ones where this is used.</summary>
    public async ValueTask<byte[]> ReadBytesAsync(ulong count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < bytes.Length;)
        {
            var part = await ReadAsync(bytes.AsMemory(read));
            if (part == 0) throw new EndOfStreamException();
            read += part;
        }

        return bytes;
    }

    /// <summary>0 at the end of the stream.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> target)
    {
        if (_start == _end && !await FillAsync()) return 0;
        var count = Math.Min(target.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(target);
        _start += count;
        return count;
    }

    private async ValueTask<bool> FillAsync()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var count = await stream.ReadAsync(_buffer.AsMemory(_end));
        _end += count;
        return count > 0;
    }
}
