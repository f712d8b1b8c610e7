using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// The memory that every session of one thread works in: ciphertext as it came and ciphertext about to go. It is empty between calls (a session
/// keeps what is left over), so an idle session holds none of it. Lifetime: that of the loop; each session keeps a reference. One thread at a time.
/// </summary>
internal sealed unsafe class TlsBuffers : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>How much is received with one system call.</summary>
    public const int ReceiveSize = 256 * 1024;

    /// <summary>How much ciphertext is gathered before it is sent; for more it grows.</summary>
    public const int SendSize = 256 * 1024;

    public TlsBuffers()
        : base(ownsHandle: true)
    {
        var frame = (TlsFrame*)NativeMemory.AllocZeroed((nuint)sizeof(TlsFrame));
        SetHandle((nint)frame);
        frame->Input = (byte*)NativeMemory.Alloc(ReceiveSize);
        frame->Output = (byte*)NativeMemory.Alloc(SendSize);
        frame->OutputCapacity = SendSize;
    }

    /// <summary>What the BIO's callbacks work on.</summary>
    internal TlsFrame* Frame
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (TlsFrame*)handle;
        }
    }

    protected override bool ReleaseHandle()
    {
        var frame = (TlsFrame*)handle;
        NativeMemory.Free(frame->Input);
        NativeMemory.Free(frame->Output);
        NativeMemory.Free(frame);
        return true;
    }
}

/// <summary>What a call into libssl reads from and writes to. Unmanaged, so that callbacks touch no object and cannot throw.</summary>
internal unsafe struct TlsFrame
{
    /// <summary>Received and not yet taken by libssl: from <see cref="InputStart"/> to <see cref="InputEnd"/>.</summary>
    public byte* Input;
    public int InputStart;
    public int InputEnd;

    /// <summary>How much the next system call may receive.</summary>
    public int ReceiveLimit;

    /// <summary>Made by libssl, to be sent when the call has ended.</summary>
    public byte* Output;
    public int OutputLength;
    public int OutputCapacity;

    /// <summary>Whether a system call that brought less than it could is the last: an event will tell of more.</summary>
    public bool StopsWhenShort;

    /// <summary>The socket, or -1 for a session that is given its bytes.</summary>
    public int Descriptor;

    /// <summary>The first byte received in this call, or -1.</summary>
    public int FirstByte;

    /// <summary>How receiving ended, <see cref="IoStatus.Done"/> while it has not.</summary>
    public IoStatus Receive;

    /// <summary>Whether libssl was told of an end or a failure in this call.</summary>
    public bool ReceiveEndTold;

    /// <summary>With <see cref="IoStatus.Failed"/>.</summary>
    public int Error;

    /// <summary>Records begun since the last that brought data; how many may.</summary>
    public int Records;
    public int RecordLimit;
}
