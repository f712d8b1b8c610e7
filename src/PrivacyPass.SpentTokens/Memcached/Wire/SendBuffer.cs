using System.Buffers;
using System.Diagnostics;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>Commands to be written: one half is filled while the other is sent. All under the connection's lock.</summary>
internal sealed class SendBuffer
{
    /// <summary>Halves that a burst made larger than this go back to the shared pool.</summary>
    private const int Kept = 64 * 1024;

    private byte[] _filling = ArrayPool<byte>.Shared.Rent(4096);
    private byte[] _sending = ArrayPool<byte>.Shared.Rent(4096);
    private int _filled;
    private int _commands;

    public bool IsEmpty => _filled == 0;

    /// <summary>Room for a command; its length is told to <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int size)
    {
        if (_filling.Length - _filled < size) Grow(size);
        return _filling.AsSpan(_filled, size);
    }

    public void Advance(int length)
    {
        _filled += length;
        _commands++;
    }

    /// <summary>Everything that waits; valid until the next call, so one sender at a time.</summary>
    public ReadOnlyMemory<byte> TakeAll(out int commands)
    {
        if (_sending.Length > Kept)
        {
            ArrayPool<byte>.Shared.Return(_sending);
            _sending = ArrayPool<byte>.Shared.Rent(4096);
        }

        (_filling, _sending) = (_sending, _filling);
        var batch = _sending.AsMemory(0, _filled);
        commands = _commands;
        (_filled, _commands) = (0, 0);
        return batch;
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_filling.Length * 2, _filled + size));
        _filling.AsSpan(0, _filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_filling);
        _filling = larger;
        Debug.Assert(_filling.Length - _filled >= size, "It has grown.");
    }
}
