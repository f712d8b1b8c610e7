using System.Buffers;

namespace Tunneling.Http2;

/// <summary>A header block that comes in several frames; holds a pooled buffer only until its last one.</summary>
internal struct HeaderBlock
{
    private byte[]? _bytes;
    private int _length;

    /// <summary>Whose block is open: only CONTINUATION of this stream may come; 0 when none is.</summary>
    public int StreamId { get; private set; }

    /// <summary>The request ends with its head.</summary>
    public bool EndsStream { get; private set; }

    /// <summary>How many CONTINUATION frames have come.</summary>
    public int Continuations { get; private set; }

    /// <summary>What has come.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Begin(int streamId, bool endsStream, ReadOnlySpan<byte> fragment)
    {
        (StreamId, EndsStream, Continuations) = (streamId, endsStream, 0);
        Append(fragment);
    }

    /// <summary>Adds a CONTINUATION; false: the block is longer than allowed.</summary>
    public bool TryContinue(ReadOnlySpan<byte> fragment, int maxLength)
    {
        Continuations++;
        if (_length + fragment.Length > maxLength) return false;
        Append(fragment);
        return true;
    }

    public void Clear()
    {
        if (_bytes is not null) ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _length, StreamId) = (null, 0, 0);
    }

    private void Append(ReadOnlySpan<byte> fragment)
    {
        if (_bytes is null || _bytes.Length - _length < fragment.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(256, (_length + fragment.Length) * 2));
            if (_bytes is not null)
            {
                Bytes.CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_bytes);
            }

            _bytes = larger;
        }

        fragment.CopyTo(_bytes.AsSpan(_length));
        _length += fragment.Length;
    }
}
