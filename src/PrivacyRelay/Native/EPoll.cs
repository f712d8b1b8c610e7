using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PrivacyRelay.Native;

/// <summary>epoll(7): tells of many descriptors which has something to report.</summary>
internal sealed partial class EPoll : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Interrupted = 4;

    /// <summary>The kernel's struct is packed on x86-64 alone.</summary>
    private static readonly int _dataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int _eventSize = _dataOffset + sizeof(ulong);

    private EPoll(int descriptor) : base(ownsHandle: true) => SetHandle(descriptor);

    [Flags]
    public enum Events : uint
    {
        None = 0,
        Error = 0x008,
        EdgeTriggered = 0x8000_0000,
    }

    /// <param name="Identity">As given with the descriptor.</param>
    /// <param name="Happened">What there is to say of it.</param>
    public readonly record struct Report(ulong Identity, Events Happened);

    /// <exception cref="Win32Exception">The machine has no more of them.</exception>
    public static EPoll Create()
    {
        var descriptor = epoll_create1(CloseOnExec);
        return descriptor >= 0 ? new EPoll(descriptor) : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>Reports of a descriptor come with an identity, until the descriptor is closed. Errors and hang-ups are always reported.</summary>
    /// <exception cref="Win32Exception">The descriptor cannot be watched.</exception>
    public void Watch(SafeHandle descriptor, Events events, ulong identity)
    {
        Span<byte> request = stackalloc byte[_eventSize];
        MemoryMarshal.Write(request, (uint)events);
        MemoryMarshal.Write(request[_dataOffset..], identity);
        if (epoll_ctl(this, Add, descriptor, ref MemoryMarshal.GetReference(request)) < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>Waits, for as long as it takes, until something is to be reported; returns how many reports.</summary>
    /// <exception cref="Win32Exception">It cannot wait.</exception>
    public int Wait(Span<Report> reports)
    {
        Span<byte> raw = stackalloc byte[reports.Length * _eventSize];
        int count;
        while ((count = epoll_wait(this, ref MemoryMarshal.GetReference(raw), reports.Length, -1)) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw new Win32Exception(error);
        }

        for (var i = 0; i < count; i++)
        {
            var report = raw[(i * _eventSize)..];
            reports[i] = new Report(MemoryMarshal.Read<ulong>(report[_dataOffset..]), (Events)MemoryMarshal.Read<uint>(report));
        }

        return count;
    }

    protected override bool ReleaseHandle() => close((int)handle) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(EPoll poll, int operation, SafeHandle descriptor, ref byte request);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(EPoll poll, ref byte reports, int capacity, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
