using System.IO.Pipelines;
using PrivacyProxy.Egress;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels.Capsules;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Tunnels;

/// <summary>The client's end of an open tunnel: one reader and one writer at a time.</summary>
internal abstract class TunnelClient : TunnelEnd
{
    public sealed override OpenTunnel Open(TunnelKind kind, in EgressConnection origin, TunnelRegistry registry, TunnelTraffic traffic, TimeProvider time) => kind switch
    {
        TunnelKind.ConnectUdp => new UdpTunnel(this, origin.Socket!, registry, traffic, origin.Next, time),
        TunnelKind.ConnectTcp => new Tunnel(new DataCapsuleClient(this), origin.Socket!, registry, traffic),
        _ => new Tunnel(this, origin.Socket!, registry, traffic),
    };

    /// <summary>What the client sends, early data first.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>Datagrams that travel beside the stream; null where there are none but those on it.</summary>
    public virtual DatagramFlow? Datagrams => null;

    /// <summary>False where the client's bytes are lost once <see cref="CompleteAsync"/> was called (HTTP/3).</summary>
    public virtual bool CanReadAfterComplete => true;

    /// <summary>True once the client's connection is known to be broken, even while nobody reads from it.</summary>
    public virtual bool IsGone => false;

    /// <summary>The largest buffer worth asking for, bytes.</summary>
    public abstract int MaxBufferSize { get; }

    /// <summary>Room for the next bytes to the client; at least <paramref name="size"/> bytes. Kept until <see cref="ReleaseBuffer"/>.</summary>
    public abstract Memory<byte> GetBuffer(int size);

    /// <summary>Sends the first <paramref name="count"/> bytes of the buffer and waits until the client's side has room for more. False: the client is gone.</summary>
    public abstract ValueTask<bool> SendAsync(int count);

    /// <summary>Gives the buffer back while nothing flows.</summary>
    public abstract void ReleaseBuffer();

    /// <summary>Tells the client that no more bytes come, in order after all that were sent; it may go on sending.</summary>
    public abstract ValueTask CompleteAsync();

    /// <summary>Breaks the tunnel: CONNECT_ERROR on a stream, RST on a connection. Waiting reads and writes end.</summary>
    public abstract void Reset();

    /// <summary>The same for a client that broke the rules of its stream (RFC 9297, section 3.3).</summary>
    public virtual void ResetMalformed() => Reset();
}
