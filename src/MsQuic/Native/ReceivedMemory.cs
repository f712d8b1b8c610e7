using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MsQuic.Native;

/// <summary>
/// A link of received bytes: in libmsquic's memory, valid until they are given back, or in an array. Used again for the next ones, so who keeps
/// what it was given beyond <c>AdvanceTo</c> reads something else: the contract of pipes.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It owns no memory: it shows that of others.")]
internal sealed unsafe class ReceivedSegment : ReadOnlySequenceSegment<byte>
{
    private readonly NativeBytes _native = new();

    public int Length => Memory.Length;

    public ReceivedSegment? Following => (ReceivedSegment?)Next;

    public void Show(NativeBuffer buffer, long runningIndex)
    {
        _native.Set(buffer.Bytes, (int)buffer.Length);
        (Memory, RunningIndex, Next) = (_native.Memory, runningIndex, null);
    }

    public void Show(ReadOnlyMemory<byte> bytes, long runningIndex) => (Memory, RunningIndex, Next) = (bytes, runningIndex, null);

    public void Append(ReceivedSegment next) => Next = next;

    /// <summary>Shows nothing any more: what is read from it by mistake fails rather than being memory that is gone.</summary>
    public void Clear()
    {
        _native.Set(null, 0);
        (Memory, Next) = (default, null);
    }

    private sealed class NativeBytes : MemoryManager<byte>
    {
        private byte* _bytes;
        private int _length;

        public void Set(byte* bytes, int length)
        {
            _bytes = bytes;
            _length = length;
        }

        public override Span<byte> GetSpan() => new(_bytes, _length);

        // It does not move.
        public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
