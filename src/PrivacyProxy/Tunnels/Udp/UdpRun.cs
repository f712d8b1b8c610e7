using System.Buffers;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>Datagrams that have been copied one behind another; holds no buffers while there are none.</summary>
internal sealed class UdpRun
{
    private const int MaxCount = 1024;
    private const int MaxBytes = 1024 * 1024;
    private const int FirstBytes = 64 * 1024;

    private byte[] _bytes = [];
    private int[] _ends = [];
    private int _length;

    public int Count { get; private set; }

    /// <summary>One of them.</summary>
    public ReadOnlyMemory<byte> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : _ends[index - 1];
            return _bytes.AsMemory(start, _ends[index] - start);
        }
    }

    /// <summary>From one of them on those that are sent with it (<see cref="UdpBatch.CanFollow"/>).</summary>
    /// <param name="index">The first.</param>
    /// <param name="size">That of the first.</param>
    /// <param name="count">How many there are.</param>
    public ReadOnlyMemory<byte> Segments(int index, out int size, out int count)
    {
        var start = index == 0 ? 0 : _ends[index - 1];
        var end = _ends[index];
        (size, count) = (end - start, 1);
        while (index + count < Count && UdpBatch.CanFollow(_ends[index + count] - end, size, count, end - start)) end = _ends[index + count++];
        return _bytes.AsMemory(start, end - start);
    }

    /// <summary>Takes a copy; false when there is no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (Count == MaxCount || _length + payload.Length > MaxBytes) return false;
        if (Count == 0) (_bytes, _ends) = (ArrayPool<byte>.Shared.Rent(FirstBytes), ArrayPool<int>.Shared.Rent(MaxCount));
        if (_length + payload.Length > _bytes.Length) Grow(_length + payload.Length);
        payload.CopyTo(_bytes.AsSpan(_length));
        _length += payload.Length;
        _ends[Count++] = _length;
        return true;
    }

    public void Clear()
    {
        if (Count == 0) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<int>.Shared.Return(_ends);
        (_bytes, _ends, _length, Count) = ([], [], 0, 0);
    }

    private void Grow(int length)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(length, 2 * _bytes.Length));
        _bytes.AsSpan(0, _length).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }
}
