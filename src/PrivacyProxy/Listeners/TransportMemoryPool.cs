using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace PrivacyProxy.Listeners;

/// <summary>
/// Blocks for Kestrel's transport, larger than its own 4 KiB: what clients send is then read with an eighth of the system calls.
/// A connection holds a block only while bytes wait in it.
/// </summary>
internal sealed class TransportMemoryPool : MemoryPool<byte>
{
    /// <summary>Bytes of every block.</summary>
    public const int BlockSize = 32 * 1024;

    /// <summary>Free blocks kept for reuse, 64 MiB of them; more go to the garbage collector.</summary>
    private const int MaxFreeBlocks = 2048;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _freeCount;

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (!_free.TryDequeue(out var block)) return new Block(this);
        Interlocked.Decrement(ref _freeCount);
        block.Lend();
        return block;
    }

    /// <summary>Blocks still lent come back to no harm.</summary>
    protected override void Dispose(bool disposing)
    {
        while (_free.TryDequeue(out _)) Interlocked.Decrement(ref _freeCount);
    }

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _freeCount) <= MaxFreeBlocks) _free.Enqueue(block);
        else Interlocked.Decrement(ref _freeCount);
    }

    private sealed class Block(TransportMemoryPool pool) : IMemoryOwner<byte>
    {
        private int _returned;

        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

        public void Lend() => Volatile.Write(ref _returned, 0);

        public void Dispose()
        {
            // A second return would lend it to two at once.
            if (Interlocked.Exchange(ref _returned, 1) == 0) pool.Return(this);
        }
    }

    /// <summary>Gives Kestrel this pool: one for all listeners.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>, IDisposable
    {
        private readonly TransportMemoryPool _pool = new();

        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => _pool;

        public void Dispose() => _pool.Dispose();
    }
}
