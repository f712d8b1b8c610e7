using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MsQuic.Native;

/// <summary>
/// An owned HQUIC. Lifetimes: a stream's handle holds its connection's, so that a connection is closed after its streams; whoever uses memory
/// of a handle (received bytes) holds it too. Close waits for callbacks that run and no other comes after it, so what callbacks find
/// (<see cref="Target"/>) lives exactly as long as the handle. It is never closed inside a callback: holders there would have to be the last.
/// </summary>
internal abstract class QuicHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private GCHandle _target;

    protected QuicHandle()
        : base(ownsHandle: true)
    {
    }

    /// <summary>What callbacks are given to find their object.</summary>
    protected nint Context => GCHandle.ToIntPtr(_target);

    /// <summary>Whose callbacks these are; before there is a native handle.</summary>
    protected void Target(object target) => _target = GCHandle.Alloc(target);

    protected void Own(nint native) => SetHandle(native);

    /// <summary>There is no native handle after all.</summary>
    protected void Abandon()
    {
        _target.Free();
        SetHandleAsInvalid();
    }

    protected abstract void CloseNative();

    protected sealed override bool ReleaseHandle()
    {
        CloseNative();
        if (_target.IsAllocated) _target.Free();
        return true;
    }
}

/// <summary>Settings, protocols and a certificate. Connections count their own references to it.</summary>
internal sealed unsafe class ConfigurationHandle : QuicHandle
{
    public ConfigurationHandle(ReadOnlySpan<byte[]> protocols, NativeSettings settings)
    {
        fixed (byte* names = Concat(protocols))
        {
            var buffers = stackalloc NativeBuffer[protocols.Length];
            Alpn.Fill(buffers, names, protocols);
            nint native;
            Status.ThrowIfFailed(
                Library.Api.ConfigurationOpen(Library.Registration, buffers, (uint)protocols.Length, &settings, (uint)sizeof(NativeSettings), null, &native),
                "The settings are not taken");
            Own(native);
        }
    }

    /// <param name="flags">What it is for.</param>
    /// <param name="pkcs12">Certificate, key and chain, without a password; empty for none.</param>
    public void LoadCredential(CredentialFlags flags, ReadOnlySpan<byte> pkcs12)
    {
        fixed (byte* bytes = pkcs12)
        {
            var file = new Pkcs12 { Bytes = bytes, Length = (uint)pkcs12.Length };
            // QUIC_CREDENTIAL_TYPE_NONE and QUIC_CREDENTIAL_TYPE_CERTIFICATE_PKCS12.
            var config = new CredentialConfig { Type = pkcs12.IsEmpty ? 0 : 6, Flags = flags, Pkcs12 = pkcs12.IsEmpty ? null : &file };
            Status.ThrowIfFailed(Library.Api.ConfigurationLoadCredential(handle, &config), "The certificate is not taken");
        }
    }

    protected override void CloseNative() => Library.Api.ConfigurationClose(handle);

    private static byte[] Concat(ReadOnlySpan<byte[]> protocols)
    {
        var all = new List<byte>();
        foreach (var protocol in protocols) all.AddRange(protocol);
        return [.. all];
    }
}

/// <summary>Application protocols as an array of buffers.</summary>
internal static unsafe class Alpn
{
    public static void Fill(NativeBuffer* buffers, byte* names, ReadOnlySpan<byte[]> protocols)
    {
        for (var i = 0; i < protocols.Length; i++)
        {
            buffers[i] = new NativeBuffer { Bytes = names, Length = (uint)protocols[i].Length };
            names += protocols[i].Length;
        }
    }
}

/// <summary>A listener; its Close waits until no callback of it runs.</summary>
internal sealed unsafe class ListenerHandle : QuicHandle
{
    public ListenerHandle(IListenerEvents events)
    {
        Target(events);
        nint native;
        var status = Library.Api.ListenerOpen(Library.Registration, &Callbacks.OnListenerEvent, Context, &native);
        if (Status.Failed(status))
        {
            Abandon();
            throw Status.ToException(status, "There is no listener");
        }

        Own(native);
    }

    public void Start(ReadOnlySpan<byte[]> protocols, ReadOnlySpan<byte> address)
    {
        var all = new List<byte>();
        foreach (var protocol in protocols) all.AddRange(protocol);
        fixed (byte* names = all.ToArray())
        fixed (byte* local = address)
        {
            var buffers = stackalloc NativeBuffer[protocols.Length];
            Alpn.Fill(buffers, names, protocols);
            Status.ThrowIfFailed(Library.Api.ListenerStart(handle, buffers, (uint)protocols.Length, local), "The address cannot be listened on");
        }
    }

    public System.Net.IPEndPoint LocalEndPoint => Parameters.Address(this, Parameters.ListenerLocalAddress)!;

    protected override void CloseNative() => Library.Api.ListenerClose(handle);
}
