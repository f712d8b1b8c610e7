using System.Buffers;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>What a reader has received and not understood yet; pooled.</summary>
internal struct ReplyBuffer() : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(2 * ReplyParser.LongestReply);
    private int _filled;

    /// <summary>Room for what comes; never empty.</summary>
    public readonly Span<byte> Free => _bytes.AsSpan(_filled);

    /// <summary>Notes bytes received into <see cref="Free"/>.</summary>
    /// <returns>All there is.</returns>
    public ReadOnlySpan<byte> Add(int count) => _bytes.AsSpan(0, _filled += count);

    /// <summary>Drops the first bytes, which were understood.</summary>
    /// <returns>False: it is full of something that is no reply.</returns>
    public bool Use(int count)
    {
        if (count == 0 && _filled == _bytes.Length) return false;
        _filled -= count;
        if (_filled > 0 && count > 0) _bytes.AsSpan(count, _filled).CopyTo(_bytes);
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
