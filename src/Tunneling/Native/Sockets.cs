using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>Non-blocking TCP sockets. Nothing here throws for what the network or the kernel does: errors are numbers.</summary>
internal static unsafe class Sockets
{
    /// <summary>A TCP socket that never blocks. Returns 0 or the error number.</summary>
    public static int Create(int family, out SocketHandle socket)
    {
        socket = Libc.Socket(family, Libc.SockStream | Libc.SockNonBlock | Libc.SockCloseOnExec, 0);
        if (!socket.IsInvalid) return 0;
        var error = Marshal.GetLastPInvokeError();
        socket.Dispose();
        return error;
    }

    /// <summary>A descriptor of its own for a non-blocking socket that somebody else has opened and closes apart from it. Returns 0 or the error number.</summary>
    public static int Duplicate(SafeHandle socket, out SocketHandle copy)
    {
        copy = Libc.Duplicate(socket, Libc.DuplicateCloseOnExec, 0);
        if (!copy.IsInvalid) return 0;
        var error = Marshal.GetLastPInvokeError();
        copy.Dispose();
        return error;
    }

    public static int Bind(SocketHandle socket, SocketAddress address)
    {
        fixed (byte* bytes = address.Raw) return Result(Libc.Bind(socket, bytes, address.Length));
    }

    public static int Listen(SocketHandle socket, int backlog) => Result(Libc.Listen(socket, backlog));

    /// <summary>Whether a descriptor that another process has left open is a stream socket that listens, and where. Returns 0 or the error number.</summary>
    public static int IsListening(int descriptor, out bool isListening, out SocketAddress address)
    {
        isListening = false;
        address = default;
        int type = 0, accepts = 0, length = sizeof(int), addressLength = SocketAddress.MaxLength;
        if (Result(Libc.GetOption(descriptor, Libc.SolSocket, Libc.SoType, &type, &length)) is not 0 and var error) return error;
        if (Result(Libc.GetOption(descriptor, Libc.SolSocket, Libc.SoAcceptConnection, &accepts, &length)) is not 0 and var failed) return failed;
        isListening = type == Libc.SockStream && accepts != 0;
        fixed (byte* bytes = address.Raw) return Result(Libc.GetSocketName(descriptor, bytes, &addressLength));
    }

    /// <summary>A socket that another process has left open, from now on without blocking and this one's to close.</summary>
    public static int Take(int descriptor, out SocketHandle socket)
    {
        socket = new SocketHandle();
        Marshal.InitHandle(socket, descriptor);
        var flags = Libc.FileControl(socket, Libc.GetFlags, 0);
        return flags < 0 ? Marshal.GetLastPInvokeError() : Result(Math.Min(0, Libc.FileControl(socket, Libc.SetFlags, flags | Libc.SockNonBlock)));
    }

    public static int LocalAddress(SocketHandle socket, out SocketAddress address)
    {
        address = default;
        var length = SocketAddress.MaxLength;
        fixed (byte* bytes = address.Raw) return Result(Libc.GetSocketName(socket, bytes, &length));
    }

    /// <summary>Takes a connection that waits. Returns 0, <see cref="Errno.WouldBlock"/> when none does, or the error number.</summary>
    public static int Accept(SocketHandle listener, out SocketHandle socket, out SocketAddress peer)
    {
        peer = default;
        while (true)
        {
            var length = SocketAddress.MaxLength;
            fixed (byte* bytes = peer.Raw) socket = Libc.Accept(listener, bytes, &length, Libc.SockNonBlock | Libc.SockCloseOnExec);
            if (!socket.IsInvalid) return 0;
            var error = Marshal.GetLastPInvokeError();
            socket.Dispose();
            if (error != Errno.Interrupted) return error;
        }
    }

    /// <summary>Begins to connect. Returns 0 when that is done, <see cref="Errno.InProgress"/> when it will be told, or the error number.</summary>
    public static int Connect(SocketHandle socket, SocketAddress address)
    {
        fixed (byte* bytes = address.Raw)
        {
            var error = Result(Libc.Connect(socket, bytes, address.Length));
            // Interrupted or not, a connection that was begun goes on.
            return error == Errno.Interrupted ? Errno.InProgress : error;
        }
    }

    /// <summary>The error that waits on a socket, 0 when none does; asking takes it away.</summary>
    public static int PendingError(SocketHandle socket)
    {
        int value = 0, length = sizeof(int);
        var failed = Result(Libc.GetOption(socket, Libc.SolSocket, Libc.SoError, &value, &length));
        return failed == 0 ? value : failed;
    }

    public static int SetOption(SocketHandle socket, int level, int name, int value) =>
        Result(Libc.SetOption(socket, level, name, &value, sizeof(int)));

    /// <summary>From now on closing sends a RST.</summary>
    public static int ResetOnClose(SocketHandle socket)
    {
        var linger = stackalloc int[] { 1, 0 };
        return Result(Libc.SetOption(socket, Libc.SolSocket, Libc.SoLinger, linger, 2 * sizeof(int)));
    }

    public static int ShutdownWrite(SocketHandle socket) => Result(Libc.Shutdown(socket, Libc.ShutdownWrite));

    /// <param name="socket">The socket.</param>
    /// <param name="bytes">Where to; not empty.</param>
    /// <param name="flags">0 or <see cref="Libc.MessagePeek"/>.</param>
    public static IoResult Receive(SocketHandle socket, Span<byte> bytes, int flags = 0)
    {
        fixed (byte* pointer = bytes)
        {
            while (true)
            {
                var count = Libc.Receive(socket, pointer, bytes.Length, flags);
                if (count > 0) return IoResult.Done((int)count);
                if (count == 0) return IoResult.End;
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.Interrupted) continue;
                return error == Errno.WouldBlock ? IoResult.WouldBlock : IoResult.Failed(error);
            }
        }
    }

    public static IoResult Send(SocketHandle socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            while (true)
            {
                var count = Libc.Send(socket, pointer, bytes.Length, Libc.MessageNoSignal);
                if (count >= 0) return IoResult.Done((int)count);
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.Interrupted) continue;
                return error == Errno.WouldBlock ? IoResult.WouldBlock : IoResult.Failed(error);
            }
        }
    }

    private static int Result(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();
}
