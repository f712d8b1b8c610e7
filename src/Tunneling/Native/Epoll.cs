using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>What epoll reports and is asked for.</summary>
[Flags]
internal enum EpollEvents : uint
{
    None = 0,
    In = 0x001,
    Out = 0x004,
    Error = 0x008,
    HangUp = 0x010,
    PeerEnded = 0x2000,
    Exclusive = 1u << 28,
    EdgeTriggered = 1u << 31,
}

/// <summary>An epoll instance and room for what one wait brings. Used by one thread, but for <see cref="Dispose"/> once that has ended.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int MaxEvents = 256;

    // The record is packed on x64 alone.
    private static readonly int _dataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int _recordSize = _dataOffset + sizeof(ulong);

    private readonly EpollHandle _handle;
    private readonly byte* _records;

    /// <exception cref="IOException">The system has no more of them.</exception>
    public Epoll()
    {
        _handle = Libc.EpollCreate(Libc.EpollCloseOnExec);
        if (_handle.IsInvalid) throw new IOException($"epoll_create1 failed: error {Marshal.GetLastPInvokeError()}.");
        _records = (byte*)NativeMemory.Alloc((nuint)(MaxEvents * _recordSize));
    }

    /// <summary>Adds or changes what is wanted of a socket. Returns 0 or the error number.</summary>
    public int Control(int operation, SafeHandle socket, EpollEvents events, ulong data)
    {
        var record = stackalloc byte[16];
        Write(record, events, data);
        return Libc.EpollControl(_handle, operation, socket, record) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Adds an eventfd, level-triggered.</summary>
    public int Add(EventHandle handle, ulong data)
    {
        var record = stackalloc byte[16];
        Write(record, EpollEvents.In, data);
        return Libc.EpollControl(_handle, Libc.EpollAdd, handle, record) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Waits; returns how many events there are, 0 also when interrupted.</summary>
    public int Wait(int milliseconds)
    {
        var count = Libc.EpollWait(_handle, _records, MaxEvents, milliseconds);
        return Math.Max(count, 0);
    }

    /// <summary>One event of the last wait.</summary>
    public EpollEvents Event(int index, out ulong data)
    {
        var record = _records + (index * _recordSize);
        data = Unsafe.ReadUnaligned<ulong>(record + _dataOffset);
        return Unsafe.ReadUnaligned<EpollEvents>(record);
    }

    public void Dispose()
    {
        if (_handle.IsClosed) return;
        _handle.Dispose();
        NativeMemory.Free(_records);
    }

    private static void Write(byte* record, EpollEvents events, ulong data)
    {
        Unsafe.WriteUnaligned(record, events);
        Unsafe.WriteUnaligned(record + _dataOffset, data);
    }
}
