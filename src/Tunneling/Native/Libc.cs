using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>
/// The calls of the C library that loops are made of. Numbers are those of Linux, the same on x64 and arm64. Every socket is non-blocking,
/// so that <see cref="EpollWait"/> alone can wait; none is marked SuppressGCTransition: a call that copies much would hold up every collection.
/// </summary>
internal static partial class Libc
{
    public const int AddressFamilyInet = 2;
    public const int AddressFamilyInet6 = 10;
    public const int SockStream = 1;
    public const int SockNonBlock = 0x800;
    public const int SockCloseOnExec = 0x80000;
    public const int EpollCloseOnExec = 0x80000;
    public const int EventNonBlock = 0x800;
    public const int EventCloseOnExec = 0x80000;
    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
    public const int EpollModify = 3;

    public const int SolIp = 0;
    public const int SolSocket = 1;
    public const int SolTcp = 6;
    public const int SolIpv6 = 41;
    public const int SoReuseAddress = 2;
    public const int SoType = 3;
    public const int SoError = 4;
    public const int SoReceiveBuffer = 8;
    public const int SoKeepAlive = 9;
    public const int SoLinger = 13;
    public const int SoAcceptConnection = 30;
    public const int TcpNoDelay = 1;
    public const int TcpKeepIdle = 4;
    public const int TcpKeepInterval = 5;
    public const int TcpKeepCount = 6;
    public const int TcpNotSentLowWater = 25;
    public const int IpBindAddressNoPort = 24;
    public const int Ipv6Only = 26;

    public const int GetFlags = 3;
    public const int SetFlags = 4;

    public const int MessagePeek = 2;
    public const int MessageNoSignal = 0x4000;
    public const int ShutdownWrite = 1;
    public const int DuplicateCloseOnExec = 1030;
    public const int SetPipeSize = 1031;
    public const int PipeNonBlock = 0x800;
    public const int PipeCloseOnExec = 0x80000;
    public const uint SpliceMove = 1;
    public const uint SpliceNonBlock = 2;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial EpollHandle EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static unsafe partial int EpollControl(EpollHandle epoll, int operation, SafeHandle descriptor, byte* record);

    /// <summary>Blocks for up to <paramref name="milliseconds"/>; -1 for ever.</summary>
    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    internal static unsafe partial int EpollWait(EpollHandle epoll, byte* records, int count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    internal static partial EventHandle EventCreate(uint value, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static unsafe partial nint Read(EventHandle descriptor, void* bytes, nint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static unsafe partial nint Write(EventHandle descriptor, void* bytes, nint count);

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    internal static partial SocketHandle Socket(int family, int type, int protocol);

    /// <summary>With <see cref="DuplicateCloseOnExec"/>: another descriptor of the same socket, not lower than <paramref name="least"/>.</summary>
    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial SocketHandle Duplicate(SafeHandle socket, int command, int least);

    [LibraryImport(Library, EntryPoint = "recvmmsg", SetLastError = true)]
    internal static unsafe partial int ReceiveMessages(SafeHandle socket, void* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    internal static unsafe partial int Bind(SocketHandle socket, byte* address, int length);

    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    internal static partial int Listen(SocketHandle socket, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    internal static unsafe partial SocketHandle Accept(SocketHandle socket, byte* address, int* length, int flags);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    internal static unsafe partial int Connect(SocketHandle socket, byte* address, int length);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    internal static unsafe partial int GetSocketName(SocketHandle socket, byte* address, int* length);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    internal static unsafe partial int GetOption(SocketHandle socket, int level, int name, void* value, int* length);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    internal static unsafe partial int SetOption(SocketHandle socket, int level, int name, void* value, int length);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    internal static unsafe partial nint Receive(SocketHandle socket, byte* bytes, nint count, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    internal static unsafe partial nint Send(SocketHandle socket, byte* bytes, nint count, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FileControl(SocketHandle socket, int command, nint value);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int Shutdown(SocketHandle socket, int how);

    [LibraryImport(Library, EntryPoint = "pipe2", SetLastError = true)]
    internal static unsafe partial int Pipe(int* ends, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(PipeHandle pipe, int command, int value);

    [LibraryImport(Library, EntryPoint = "splice", SetLastError = true)]
    internal static unsafe partial nint Splice(SocketHandle from, long* fromOffset, PipeHandle to, long* toOffset, nint count, uint flags);

    [LibraryImport(Library, EntryPoint = "splice", SetLastError = true)]
    internal static unsafe partial nint Splice(PipeHandle from, long* fromOffset, SocketHandle to, long* toOffset, nint count, uint flags);
}
