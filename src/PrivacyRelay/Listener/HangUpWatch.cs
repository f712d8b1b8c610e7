using System.Collections.Concurrent;
using System.ComponentModel;
using System.IO.Pipes;
using System.Net.Sockets;
using PrivacyRelay.Native;

namespace PrivacyRelay.Listener;

/// <summary>
/// Notices that a local program has reset its connection although nobody reads from it, as while its upload is stalled.
/// One that only ends its direction is not gone. On Linux alone: elsewhere a read or a write finds it out.
/// </summary>
internal sealed class HangUpWatch : IDisposable
{
    private const ulong Stop = 0;
    private const int ReportsAtATime = 64;

    private readonly ConcurrentDictionary<ulong, CancellationTokenSource> _watched = [];
    private readonly EPoll? _poll;
    private readonly AnonymousPipeServerStream? _stopping;
    private readonly Thread? _thread;
    private ulong _last = Stop;

    public HangUpWatch()
    {
        if (!OperatingSystem.IsLinux()) return;
        _poll = EPoll.Create();
        // A pipe hangs up when its other end is closed.
        _stopping = new AnonymousPipeServerStream(PipeDirection.In);
        _poll.Watch(_stopping.SafePipeHandle, EPoll.Events.EdgeTriggered, Stop);
        _thread = new Thread(Run) { IsBackground = true, Name = "relay hang-ups" };
        _thread.Start();
    }

    /// <summary>Cancels <paramref name="gone"/> when the program at the other end is; until what is returned is disposed, which comes before the socket is closed.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="gone">Not to be disposed: it may be cancelled late.</param>
    /// <exception cref="SocketException">The socket cannot be watched.</exception>
    public IDisposable Watch(Socket socket, CancellationTokenSource gone)
    {
        var identity = Interlocked.Increment(ref _last);
        if (_poll is null) return new Watched(_watched, identity);
        _watched[identity] = gone;
        try
        {
            _poll.Watch(socket.SafeHandle, EPoll.Events.EdgeTriggered, identity);
        }
        catch (Win32Exception e)
        {
            _watched.TryRemove(identity, out _);
            throw new SocketException(e.NativeErrorCode, e.Message);
        }

        return new Watched(_watched, identity);
    }

    public void Dispose()
    {
        if (_poll is null) return;
        _stopping!.DisposeLocalCopyOfClientHandle();
        _thread!.Join();
        _stopping.Dispose();
        _poll.Dispose();
    }

    private void Run()
    {
        Span<EPoll.Report> reports = stackalloc EPoll.Report[ReportsAtATime];
        while (true)
        {
            foreach (var report in reports[.._poll!.Wait(reports)])
            {
                if (report.Identity == Stop) return;
                // A hang-up alone is the end of both directions, after which what came before it is still to be read.
                if (!report.Happened.HasFlag(EPoll.Events.Error)) continue;
                // What follows runs elsewhere: nobody may hold up this thread. Descriptors need no undoing: closing one does it.
                if (_watched.TryRemove(report.Identity, out var gone)) _ = gone.CancelAsync();
            }
        }
    }

    private sealed class Watched(ConcurrentDictionary<ulong, CancellationTokenSource> watched, ulong identity) : IDisposable
    {
        public void Dispose() => watched.TryRemove(identity, out _);
    }
}
