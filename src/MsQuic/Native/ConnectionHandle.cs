namespace MsQuic.Native;

/// <summary>A connection, of either side.</summary>
internal sealed unsafe class ConnectionHandle : QuicHandle
{
    private ConnectionHandle(IConnectionEvents events) => Target(events);

    /// <summary>A client's, before it starts.</summary>
    public static ConnectionHandle Open(IConnectionEvents events)
    {
        var connection = new ConnectionHandle(events);
        nint native;
        var status = Library.Api.ConnectionOpen(Library.Registration, &Callbacks.OnConnectionEvent, connection.Context, &native);
        if (Status.Failed(status))
        {
            connection.Abandon();
            throw Status.ToException(status, "There is no connection");
        }

        connection.Own(native);
        return connection;
    }

    /// <summary>A server's, inside the callback that announces it; it belongs to who calls this from then on.</summary>
    public static ConnectionHandle Accept(nint native, IConnectionEvents events)
    {
        var connection = new ConnectionHandle(events);
        Library.Api.SetCallbackHandler(native, (delegate* unmanaged<nint, nint, ConnectionEvent*, uint>)&Callbacks.OnConnectionEvent, (void*)connection.Context);
        connection.Own(native);
        return connection;
    }

    /// <param name="configuration">A client's.</param>
    /// <param name="name">Told the server in TLS; null for none.</param>
    /// <param name="remote">Where.</param>
    public void Start(ConfigurationHandle configuration, string? name, System.Net.IPEndPoint remote)
    {
        using var held = new Held(this);
        using var with = new Held(configuration);
        var address = SocketAddresses.Write(remote);
        fixed (byte* bytes = address)
        {
            Status.ThrowIfFailed(Library.Api.SetParam(held.Native, Parameters.ConnectionRemoteAddress, SocketAddresses.Length, bytes), "The address is not taken");
        }

        fixed (byte* text = name is null ? null : System.Text.Encoding.UTF8.GetBytes(name + "\0"))
        {
            Status.ThrowIfFailed(Library.Api.ConnectionStart(held.Native, with.Native, BitConverter.ToUInt16(address), text, (ushort)remote.Port), "The connection does not start");
        }
    }

    public void SetConfiguration(ConfigurationHandle configuration)
    {
        using var held = new Held(this);
        using var with = new Held(configuration);
        Status.ThrowIfFailed(Library.Api.ConnectionSetConfiguration(held.Native, with.Native), "The connection takes no settings");
    }

    /// <summary>Closes it with a code of the application's; does nothing once it is shut down.</summary>
    public void Shutdown(ulong code)
    {
        if (!Held.TryHold(this, out var held)) return;
        using (held) Library.Api.ConnectionShutdown(held.Native, 0, code);
    }

    public void CompleteCertificateValidation(bool isValid)
    {
        if (!Held.TryHold(this, out var held)) return;
        // QUIC_TLS_ALERT_CODE_SUCCESS and QUIC_TLS_ALERT_CODE_BAD_CERTIFICATE. Fails only when the connection has ended meanwhile.
        using (held) _ = Library.Api.ConnectionCertificateValidationComplete(held.Native, (byte)(isValid ? 1 : 0), isValid ? 0xffff : 42);
    }

    /// <summary>How many were taken before the first that was not; that and those behind it stay the caller's.</summary>
    public int SendDatagrams(ReadOnlySpan<DatagramSlot> slots)
    {
        if (!Held.TryHold(this, out var held)) return 0;
        using (held)
        {
            for (var i = 0; i < slots.Length; i++)
            {
                var slot = slots[i];
                var hasFiller = slot.HasFiller;
                if (Status.Failed(Library.Api.DatagramSend(held.Native, slot.Buffer, 1, 0, slot.Context))) return i;
                if (hasFiller && Status.Failed(Library.Api.DatagramSend(held.Native, slot.Filler, 1, 0, slot.FillerContext))) slot.Release();
            }

            return slots.Length;
        }
    }

    protected override void CloseNative() => Library.Api.ConnectionClose(handle);
}

/// <summary>Keeps a handle from being closed while it is used.</summary>
internal readonly ref struct Held
{
    private readonly QuicHandle _handle;

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public Held(QuicHandle handle)
    {
        var held = false;
        handle.DangerousAddRef(ref held);
        _handle = handle;
    }

    public nint Native => _handle.DangerousGetHandle();

    public static bool TryHold(QuicHandle handle, out Held held)
    {
        try
        {
            held = new Held(handle);
            return true;
        }
        catch (ObjectDisposedException)
        {
            held = default;
            return false;
        }
    }

    public void Dispose() => _handle?.DangerousRelease();
}
