using System.Diagnostics;
using System.Runtime.InteropServices;
using Tunneling.Native;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

/// <summary>A session on a real socket, driven to the end of each wish; every wait is bounded.</summary>
internal sealed partial class TlsEnd : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const short PollIn = 1;
    private const short PollOut = 4;

    private readonly TlsBuffers _buffers = new();

    public TlsEnd(TlsServerContext context, SocketHandle socket)
    {
        Socket = socket;
        Session = context.Accept(socket, _buffers);
    }

    public TlsSession Session { get; }

    public SocketHandle Socket { get; }

    /// <summary>Done or how it failed.</summary>
    public TlsStatus Handshake() => Drive(() => Session.Handshake()).Status;

    public byte[] ReadExactly(int count)
    {
        var data = new byte[count];
        for (var read = 0; read < count;)
        {
            var result = Read(data.AsMemory(read));
            Assert.True(result.Status == TlsStatus.Done, $"{result.Status}: {Session.Failure}");
            read += result.Count;
        }

        return data;
    }

    public TlsResult Read(Memory<byte> destination) => Drive(() => Session.Read(destination.Span));

    /// <summary>Everything until the direction ends, and how it did.</summary>
    public (byte[] Data, TlsStatus End) ReadToEnd(int step = 256 * 1024)
    {
        using var all = new MemoryStream();
        var buffer = new byte[step];
        while (true)
        {
            var result = Read(buffer);
            if (result.Status != TlsStatus.Done) return (all.ToArray(), result.Status);
            all.Write(buffer, 0, result.Count);
        }
    }

    public TlsStatus WriteAll(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            var result = Session.Write(data.Span);
            if (result.Status is not (TlsStatus.Done or TlsStatus.WantWrite or TlsStatus.WantRead)) return result.Status;
            data = data[result.Count..];
            if (result.Status != TlsStatus.Done) Wait(result.Status == TlsStatus.WantRead ? PollIn : PollOut);
        }

        return Flush();
    }

    public TlsStatus Flush() => Drive(() => Session.Flush()).Status;

    public TlsStatus Shutdown() => Drive(() => Session.Shutdown()).Status;

    public void Dispose()
    {
        Session.Dispose();
        Socket.Dispose();
        _buffers.Dispose();
    }

    private TlsResult Drive(Func<TlsResult> call)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
        {
            var result = call();
            if (result.Status is not (TlsStatus.WantRead or TlsStatus.WantWrite)) return result;
            Wait((short)((result.Status == TlsStatus.WantRead ? PollIn : 0) | (Session.HasPendingWrite ? PollOut : 0)));
            if (Session.HasPendingWrite) Session.Flush();
        }

        throw new TimeoutException("The peer did not go on.");
    }

    private void Wait(short events)
    {
        var request = new PollRequest { Descriptor = (int)Socket.DangerousGetHandle(), Events = events };
        if (Poll(ref request, 1, (int)Patience.TotalMilliseconds) == 0) throw new TimeoutException("The peer did not go on.");
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest requests, ulong count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
