namespace MsQuic.Native;

/// <summary>A stream; holds its connection.</summary>
internal sealed unsafe class StreamHandle : QuicHandle
{
    private readonly ConnectionHandle _connection;

    private StreamHandle(ConnectionHandle connection, IStreamEvents events)
    {
        var held = false;
        connection.DangerousAddRef(ref held);
        _connection = connection;
        Target(events);
    }

    /// <summary>One of ours, before it starts.</summary>
    public static StreamHandle Open(ConnectionHandle connection, bool bidirectional, IStreamEvents events)
    {
        var stream = new StreamHandle(connection, events);
        nint native;
        var status = Library.Api.StreamOpen(
            connection.DangerousGetHandle(), (int)(bidirectional ? StreamOpenFlags.None : StreamOpenFlags.Unidirectional), &Callbacks.OnStreamEvent, stream.Context, &native);
        if (Status.Failed(status))
        {
            stream.Abandon();
            connection.DangerousRelease();
            throw Status.ToException(status, "There is no stream");
        }

        stream.Own(native);
        return stream;
    }

    /// <summary>One of the peer's, inside the callback that announces it.</summary>
    public static StreamHandle Accept(ConnectionHandle connection, nint native, IStreamEvents events)
    {
        var stream = new StreamHandle(connection, events);
        Library.Api.SetCallbackHandler(native, (delegate* unmanaged<nint, nint, StreamEvent*, uint>)&Callbacks.OnStreamEvent, (void*)stream.Context);
        stream.Own(native);
        return stream;
    }

    /// <summary>Whether it begins; its event says how that went.</summary>
    public void Start(StreamStartFlags flags)
    {
        using var held = new Held(this);
        Status.ThrowIfFailed(Library.Api.StreamStart(held.Native, (int)flags), "The stream does not start");
    }

    /// <summary>Does nothing when that is done already.</summary>
    public void Shutdown(StreamShutdownFlags flags, ulong code)
    {
        if (!Held.TryHold(this, out var held)) return;
        // Fails only for flags that make no sense, and for streams that never began.
        using (held) _ = Library.Api.StreamShutdown(held.Native, (int)flags, code);
    }

    /// <summary>Sends bytes of a block, which must stay until the event that has <paramref name="context"/>; false when nothing can be sent any more.</summary>
    public bool TrySend(SendBlock block, int descriptor, nint context, bool isMoreComing)
    {
        if (!Held.TryHold(this, out var held)) return false;
        // QUIC_SEND_FLAG_DELAY_SEND: the next one is sent along with it.
        using (held) return !Status.Failed(Library.Api.StreamSend(held.Native, block.Descriptor(descriptor), 1, isMoreComing ? 0x10 : 0, (void*)context));
    }

    /// <summary>Received bytes have gone on, all of the last event.</summary>
    public void CompleteReceive(ulong length)
    {
        if (!Held.TryHold(this, out var held)) return;
        using (held) Library.Api.StreamReceiveComplete(held.Native, length);
    }

    protected override void CloseNative()
    {
        Library.Api.StreamClose(handle);
        _connection.DangerousRelease();
    }
}
