using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace MsQuic.Native;

/// <summary>
/// Memory of one datagram on its way out, with its descriptor, and of the filler that may follow it; native, so that libmsquic may keep it until
/// it says of both that they were sent.
/// </summary>
internal readonly unsafe struct DatagramSlot(void* pointer)
{
    /// <summary>The largest payload: what a packet of Ethernet holds, with room to spare.</summary>
    public const int Capacity = Size - HeaderLength;

    private const int Size = 2048;

    // Two descriptors, and how many of the two are under way.
    private const int HeaderLength = 3 * 16;

    private const int MaxPooled = 4096;

    private static readonly ConcurrentQueue<nint> _free = new();
    private static int _pooled;

    /// <summary>By which libmsquic names the datagram.</summary>
    public void* Context => pointer;

    /// <summary>By which it names the filler.</summary>
    public void* FillerContext => (byte*)pointer + 1;

    public NativeBuffer* Buffer => (NativeBuffer*)pointer;

    public NativeBuffer* Filler => (NativeBuffer*)pointer + 1;

    public bool HasFiller => Filler->Length > 0;

    public int Length => (int)Buffer->Length;

    public Span<byte> Bytes => new(Payload, Capacity);

    private ref int Holders => ref *((int*)pointer + (2 * sizeof(NativeBuffer) / sizeof(int)));

    private byte* Payload => (byte*)pointer + HeaderLength;

    public static DatagramSlot Rent()
    {
        if (!_free.TryDequeue(out var slot)) return new DatagramSlot(NativeMemory.Alloc(Size));
        Interlocked.Decrement(ref _pooled);
        return new DatagramSlot((void*)slot);
    }

    /// <summary>Which one an event of libmsquic is of.</summary>
    public static DatagramSlot Of(void* context, out bool isFiller)
    {
        isFiller = ((nint)context & 1) != 0;
        return new DatagramSlot((void*)((nint)context & ~(nint)1));
    }

    public void SetLength(int length)
    {
        *Buffer = new NativeBuffer { Bytes = Payload, Length = (uint)length };
        *Filler = default;
        Holders = 1;
    }

    /// <summary>Has a datagram follow, which begins in some way and is zero beyond that.</summary>
    public void SetFiller(ReadOnlySpan<byte> start, int length)
    {
        var filler = Bytes.Slice(Length, length);
        start.CopyTo(filler);
        filler[start.Length..].Clear();
        *Filler = new NativeBuffer { Bytes = Payload + Length, Length = (uint)length };
        Holders = 2;
    }

    /// <summary>One of the two is no longer under way; the last gives the memory back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref Holders) == 0) Return();
    }

    /// <summary>Nothing of it is under way.</summary>
    public void Return()
    {
        if (Interlocked.Increment(ref _pooled) <= MaxPooled)
        {
            _free.Enqueue((nint)pointer);
            return;
        }

        Interlocked.Decrement(ref _pooled);
        NativeMemory.Free(pointer);
    }
}
