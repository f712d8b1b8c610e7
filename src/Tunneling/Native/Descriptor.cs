using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>
/// A file descriptor. Lifetime: owned by the object that made it and closed by its <see cref="IDisposable.Dispose"/>, once; a call that is
/// under way holds it, so that the number cannot be given out again in the middle of it. The finalizer closes what was forgotten.
/// </summary>
internal abstract class Descriptor : SafeHandle
{
    protected Descriptor()
        : base(-1, ownsHandle: true)
    {
    }

    /// <summary>Its number: the lowest that was free when it was opened.</summary>
    public int Number => (int)handle;

    /// <summary>The C library returns an int: of the register that is read as the handle only the lower half means anything.</summary>
    public override bool IsInvalid => (int)handle < 0;

    // EINTR too has closed it on Linux: another try could close what somebody else got meanwhile.
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}

/// <summary>A socket.</summary>
internal sealed class SocketHandle : Descriptor;

/// <summary>An epoll instance.</summary>
internal sealed class EpollHandle : Descriptor;

/// <summary>An eventfd.</summary>
internal sealed class EventHandle : Descriptor;

/// <summary>One end of a pipe.</summary>
internal sealed class PipeHandle : Descriptor
{
    public PipeHandle()
    {
    }

    public PipeHandle(int number) => SetHandle(number);
}
