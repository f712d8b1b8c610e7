using System.Runtime.InteropServices;

namespace Tunneling.Native;

/// <summary>An eventfd that wakes a loop. <see cref="Set"/> from any thread, the rest from the loop's.</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    /// <exception cref="IOException">No descriptor left.</exception>
    public WakeEvent()
    {
        Handle = Libc.EventCreate(0, Libc.EventNonBlock | Libc.EventCloseOnExec);
        if (Handle.IsInvalid) throw new IOException($"eventfd failed: error {Marshal.GetLastPInvokeError()}.");
    }

    public EventHandle Handle { get; }

    public void Set()
    {
        var one = 1UL;
        try
        {
            // It can fail only when the counter is full, and then it is set.
            _ = Libc.Write(Handle, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended: nobody is to be woken.
        }
    }

    public void Clear()
    {
        ulong value;
        _ = Libc.Read(Handle, &value, sizeof(ulong));
    }

    public void Dispose() => Handle.Dispose();
}
