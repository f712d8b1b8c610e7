using PrivacyProxy.Listeners.Balancers;
using Tunneling.Loops;
using Tunneling.Native;
using SocketAddress = Tunneling.Native.SocketAddress;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>A new connection of a load balancer until its PROXY header was read; what follows it is left in the socket for whoever serves the rest.</summary>
internal sealed class BalancedStart : IChannelHandler
{
    private readonly ConnectionChannel _channel;
    private readonly LoopPlace _place;
    private readonly LoopListener _listener;
    private readonly LoopServices _services;
    private readonly ConnectionTimer _timer;

    public BalancedStart(ConnectionChannel channel, LoopPlace place, LoopListener listener, LoopServices services)
    {
        (_channel, _place, _listener, _services) = (channel, place, listener, services);
        _timer = new ConnectionTimer(channel.Loop, services.Time, static start => ((BalancedStart)start!).Refuse(TrustedBalancers.Reasons.Incomplete), this);
    }

    public void Begin()
    {
        _channel.Handler = this;
        if (_channel.Attach() != 0)
        {
            Close();
            return;
        }

        _timer.Start(_services.Options.CurrentValue.RequestHeadTimeout);
        if (_services.Balancers.Contains(_channel.Peer.ToAddress())) Read();
        else Refuse(TrustedBalancers.Reasons.Stranger);
    }

    void IChannelHandler.OnReady(Channel channel)
    {
        if (channel.IsBroken) Refuse(TrustedBalancers.Reasons.Incomplete);
        else Read();
    }

    private void Read()
    {
        var buffer = _channel.Loop.Buffer.AsSpan(0, ProxyHeader.MaxLength);
        // Looked at, and only then taken: nothing of what follows it.
        var seen = Sockets.Receive(_channel.Socket, buffer, Libc.MessagePeek);
        if (seen.Status == IoStatus.WouldBlock) return;
        if (seen.Status != IoStatus.Done)
        {
            Refuse(TrustedBalancers.Reasons.Incomplete);
            return;
        }

        var status = ProxyHeader.Read(buffer[..seen.Value], out var length, out var source);
        if (status == ProxyHeaderStatus.Malformed) Refuse(TrustedBalancers.Reasons.Malformed);
        // More is told, and so is an end.
        else if (status == ProxyHeaderStatus.Incomplete && _channel.MayHaveEnded) Refuse(TrustedBalancers.Reasons.Incomplete);
        else if (status == ProxyHeaderStatus.Complete) Take(buffer[..length], source);
    }

    private void Take(Span<byte> header, System.Net.IPEndPoint? source)
    {
        while (!header.IsEmpty)
        {
            var taken = Sockets.Receive(_channel.Socket, header);
            if (taken.Status != IoStatus.Done)
            {
                Refuse(TrustedBalancers.Reasons.Incomplete);
                return;
            }

            header = header[taken.Value..];
        }

        if (source is not null) _channel.ActFor(SocketAddress.From(source));
        _timer.Stop();
        _channel.Handler = null;
        _listener.Serve(_channel, _place);
    }

    private void Refuse(string reason)
    {
        _services.Balancers.Refused(reason);
        Close();
    }

    private void Close()
    {
        _timer.Stop();
        _channel.Close();
        _place.Leave();
    }
}
