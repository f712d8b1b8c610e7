using PrivacyProxy.LoadTests.Clients.Http3;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>QUIC DATAGRAM frames beside the stream of a request.</summary>
internal sealed class DatagramTunnel : EchoTunnel
{
    private readonly Http3Tunnel _tunnel;
    private readonly byte[] _payload;

    public DatagramTunnel(Http3Tunnel tunnel, UdpSettings settings)
    {
        (_tunnel, _payload) = (tunnel, new byte[settings.Size]);
        // Context 0 goes before each (RFC 9298, section 4); others are not known here.
        tunnel.Receive(datagram =>
        {
            if (datagram is [0, ..]) Tell(datagram[1..]);
        });
    }

    public override ValueTask SendAsync(int count, long stamp)
    {
        Stamp(_payload, stamp);
        // What the path does not take is lost, as on any other.
        _tunnel.Send(_payload, count);
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync() => _tunnel.DisposeAsync();
}
