using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace MsQuic.Native;

/// <summary>Memory of one datagram on its way out, with its descriptor; native, so that libmsquic may keep it until it says that it was sent.</summary>
internal readonly unsafe struct DatagramSlot(void* pointer)
{
    /// <summary>The largest payload: what a packet of Ethernet holds, with room to spare.</summary>
    public const int Capacity = 2048 - 16;

    private const int MaxPooled = 4096;

    private static readonly ConcurrentQueue<nint> _free = new();
    private static int _pooled;

    public void* Pointer => pointer;

    public NativeBuffer* Buffer => (NativeBuffer*)pointer;

    public Span<byte> Bytes => new((byte*)pointer + sizeof(NativeBuffer), Capacity);

    public static DatagramSlot Rent()
    {
        if (!_free.TryDequeue(out var slot)) return new DatagramSlot(NativeMemory.Alloc((nuint)(sizeof(NativeBuffer) + Capacity)));
        Interlocked.Decrement(ref _pooled);
        return new DatagramSlot((void*)slot);
    }

    public void SetLength(int length) => *Buffer = new NativeBuffer { Bytes = (byte*)pointer + sizeof(NativeBuffer), Length = (uint)length };

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
