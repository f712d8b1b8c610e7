using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tunneling.Native;

namespace Tunneling.Tests.Tls;

internal static partial class SocketCopies
{
    private const int DuplicateCloseOnExec = 1030;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;

    /// <summary>Another descriptor of the same connection, which never blocks; the socket may be disposed.</summary>
    public static SocketHandle Duplicate(Socket socket)
    {
        var copy = Control(socket.SafeHandle, DuplicateCloseOnExec, 0);
        Assert.False(copy.IsInvalid);
        Assert.Equal(0, Control(copy, SetFlags, NonBlocking));
        return copy;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial SocketHandle Control(SafeSocketHandle socket, int command, int argument);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SocketHandle socket, int command, int argument);
}
