using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>Datagrams that one system call receives, each into room of somebody else's. For one thread at a time.</summary>
internal sealed unsafe class ReceivedDatagrams
{
    /// <summary>How many, at most.</summary>
    public const int MaxCount = 16;

    // Pinned: the system writes to one and reads the other through pointers.
    private readonly Message[] _messages = GC.AllocateArray<Message>(MaxCount, pinned: true);
    private readonly Vector[] _vectors = GC.AllocateArray<Vector>(MaxCount, pinned: true);

    public ReceivedDatagrams()
    {
        for (var i = 0; i < MaxCount; i++) _messages[i] = new Message { Vectors = (nint)Unsafe.AsPointer(ref _vectors[i]), VectorCount = 1 };
    }

    /// <summary>Where one of them goes: memory that does not move, and stays until <see cref="Receive"/> has returned.</summary>
    public void SetRoom(int index, Span<byte> room) => _vectors[index] = new Vector { Base = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room)), Length = room.Length };

    /// <summary>Bytes of one of those received; all of its room where it was longer.</summary>
    public int Length(int index) => (int)_messages[index].Length;

    /// <summary>Receives what waits, without blocking. Returns how many; 0 with the error number when there are none.</summary>
    /// <param name="socket">A datagram socket that does not block.</param>
    /// <param name="count">How many have room.</param>
    /// <param name="error">Why there are none.</param>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public int Receive(SafeHandle socket, int count, out int error)
    {
        while (true)
        {
            var received = Libc.ReceiveMessages(socket, Unsafe.AsPointer(ref _messages[0]), (uint)count, 0, null);
            error = received < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error != Errno.Interrupted) return Math.Max(received, 0);
        }
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public nint Base;
        public nint Length;
    }

    /// <summary>struct mmsghdr of a 64-bit system.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public nint Name;
        public nint NameLength;
        public nint Vectors;
        public nint VectorCount;
        public nint Control;
        public nint ControlLength;
        public nint Flags;
        public uint Length;
    }
}
