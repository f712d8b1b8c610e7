using System.Collections.Concurrent;

namespace MsQuic.Native;

/// <summary>
/// Memory that stays where it is, for bytes on their way out, with room before them for the descriptors by which libmsquic knows them: it keeps
/// both until it says that they were acknowledged. Counted: who fills it holds it, and so does each send; the last gives it back.
/// </summary>
internal sealed unsafe class SendBlock
{
    public const int MaxSends = 64;

    private const int HeaderLength = MaxSends * 16;
    private const int MaxPooled = 256;

    private static readonly ConcurrentQueue<SendBlock> _small = new(), _large = new();
    private static int _pooledSmall, _pooledLarge;

    private readonly byte[] _bytes;
    private readonly byte* _start;
    private int _holders;
    private int _sends;

    private SendBlock(int capacity)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(HeaderLength + capacity, pinned: true);
        fixed (byte* start = _bytes) _start = start;
        Capacity = capacity;
    }

    /// <summary>For what is small: a head, a few datagrams.</summary>
    public const int SmallCapacity = 4 * 1024;

    /// <summary>What a tunnel writes at once.</summary>
    public const int LargeCapacity = 64 * 1024;

    public int Capacity { get; }

    public bool HasRoomForSend => _sends < MaxSends;

    public Memory<byte> Memory(int offset) => _bytes.AsMemory(HeaderLength + offset, Capacity - offset);

    /// <summary>A block of at least so many bytes, held once.</summary>
    public static SendBlock Rent(int capacity)
    {
        SendBlock? block = null;
        if (capacity <= SmallCapacity)
        {
            if (_small.TryDequeue(out block)) Interlocked.Decrement(ref _pooledSmall);
            capacity = SmallCapacity;
        }
        else if (capacity <= LargeCapacity)
        {
            if (_large.TryDequeue(out block)) Interlocked.Decrement(ref _pooledLarge);
            capacity = LargeCapacity;
        }

        block ??= new SendBlock(capacity);
        (block._holders, block._sends) = (1, 0);
        return block;
    }

    /// <summary>Describes bytes to be sent, which holds the block once more.</summary>
    public int Describe(int offset, int length)
    {
        Interlocked.Increment(ref _holders);
        ((NativeBuffer*)_start)[_sends] = new NativeBuffer { Bytes = _start + HeaderLength + offset, Length = (uint)length };
        return _sends++;
    }

    /// <summary>Holds it for ever: it is never lent again.</summary>
    public void Keep() => Interlocked.Increment(ref _holders);

    public NativeBuffer* Descriptor(int index) => (NativeBuffer*)_start + index;

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        if (Capacity == SmallCapacity && Interlocked.Increment(ref _pooledSmall) <= MaxPooled) _small.Enqueue(this);
        else if (Capacity == LargeCapacity && Interlocked.Increment(ref _pooledLarge) <= MaxPooled) _large.Enqueue(this);
        else if (Capacity == SmallCapacity) Interlocked.Decrement(ref _pooledSmall);
        else if (Capacity == LargeCapacity) Interlocked.Decrement(ref _pooledLarge);
    }
}
