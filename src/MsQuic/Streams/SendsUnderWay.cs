using MsQuic.Native;

namespace MsQuic.Streams;

/// <summary>Blocks that libmsquic has, by numbers that count up: it says of each when it is done with it, in whatever order.</summary>
internal sealed class SendsUnderWay
{
    private HandedOver[] _sends = new HandedOver[4];
    private long _oldest, _next;
    private long _bytes;

    /// <summary>Of all; from any thread.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Hands a block over, before libmsquic is told; returns the number to tell.</summary>
    public nint Add(SendBlock block, int length)
    {
        if (_next - _oldest == _sends.Length) Grow();
        var number = _next++;
        _sends[number & (_sends.Length - 1)] = new HandedOver { Block = block, Length = length };
        _bytes += length;
        return (nint)number;
    }

    /// <summary>Takes a block back.</summary>
    public SendBlock Remove(nint number)
    {
        ref var sent = ref _sends[number & (_sends.Length - 1)];
        var block = sent.Block!;
        sent.Block = null;
        _bytes -= sent.Length;
        while (_oldest < _next && _sends[_oldest & (_sends.Length - 1)].Block is null) _oldest++;
        return block;
    }

    private void Grow()
    {
        var grown = new HandedOver[2 * _sends.Length];
        for (var i = _oldest; i < _next; i++) grown[i & (grown.Length - 1)] = _sends[i & (_sends.Length - 1)];
        _sends = grown;
    }

    private struct HandedOver
    {
        public SendBlock? Block;
        public int Length;
    }
}
