using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>
/// A pipe through which bytes go from socket to socket without being copied. Lifetime: rented by who moves bytes, on a loop's thread, and
/// returned there empty, or disposed with what is in it; the threads keep a few, which end with the process.
/// </summary>
internal sealed unsafe class SplicePipe : IDisposable
{
    /// <summary>Bytes moved at once, and with that what a pipe can hold.</summary>
    public const int Capacity = 256 * 1024;

    /// <summary>Pipes of one thread: each takes two descriptors, which connections may need more.</summary>
    private const int MostPerThread = 8;

    private static volatile bool s_isUnsupported;

    [ThreadStatic]
    private static Stack<SplicePipe>? t_idle;

    [ThreadStatic]
    private static int t_count;

    private readonly PipeHandle _readEnd;
    private readonly PipeHandle _writeEnd;

    private SplicePipe(int readEnd, int writeEnd) => (_readEnd, _writeEnd) = (new PipeHandle(readEnd), new PipeHandle(writeEnd));

    /// <summary>Whether the system turned out to move nothing from sockets through pipes.</summary>
    public static bool IsUnsupported => s_isUnsupported;

    /// <summary>Bytes in it.</summary>
    public int Count { get; private set; }

    /// <summary>An empty pipe; null when this thread has enough of them, no descriptor is left, or the system does not know how.</summary>
    public static SplicePipe? Rent()
    {
        if (s_isUnsupported) return null;
        if (t_idle is { Count: > 0 } idle) return idle.Pop();
        if (t_count >= MostPerThread) return null;
        var ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.PipeNonBlock | Libc.PipeCloseOnExec) != 0) return null;
        t_count++;
        var pipe = new SplicePipe(ends[0], ends[1]);
        // A smaller one, where the system allows no more, works too.
        _ = Libc.Control(pipe._writeEnd, Libc.SetPipeSize, Capacity);
        return pipe;
    }

    /// <summary>Gives it back, on the thread that rented it.</summary>
    public void Return()
    {
        if (Count > 0) Dispose();
        else (t_idle ??= new()).Push(this);
    }

    /// <summary>Closes it; what is in it is lost.</summary>
    public void Dispose()
    {
        t_count--;
        _readEnd.Dispose();
        _writeEnd.Dispose();
    }

    /// <summary>Takes what a socket has. Only while it is empty: then "would block" is the socket's, or <see cref="IsUnsupported"/> says otherwise.</summary>
    public IoResult Fill(SocketHandle socket)
    {
        while (true)
        {
            var count = Libc.Splice(socket, null, _writeEnd, null, Capacity, Libc.SpliceMove | Libc.SpliceNonBlock);
            if (count == 0) return IoResult.End;
            if (count < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.Interrupted) continue;
                if (error is Errno.Invalid or Errno.NotImplemented) s_isUnsupported = true;
                return error == Errno.WouldBlock || s_isUnsupported ? IoResult.WouldBlock : IoResult.Failed(error);
            }

            Count += (int)count;
            return IoResult.Done((int)count);
        }
    }

    /// <summary>Gives a socket what it takes. Only while there is something.</summary>
    public IoResult Drain(SocketHandle socket)
    {
        while (true)
        {
            var count = Libc.Splice(_readEnd, null, socket, null, Count, Libc.SpliceMove | Libc.SpliceNonBlock);
            if (count >= 0)
            {
                Count -= (int)count;
                return IoResult.Done((int)count);
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == Errno.Interrupted) continue;
            return error == Errno.WouldBlock ? IoResult.WouldBlock : IoResult.Failed(error);
        }
    }
}
