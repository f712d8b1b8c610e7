using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;
using Tunneling.Loops;
using Tunneling.Native;
using SocketAddress = Tunneling.Native.SocketAddress;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>Connects TCP on the loop of the caller, with the options of <see cref="TcpDialer"/>.</summary>
internal sealed class LoopDialer(IOptions<EgressOptions> options) : IDialer
{
    private int KeepAliveSeconds => (int)options.Value.KeepAliveTime.TotalSeconds;

    public async Task<DialResult> DialAsync(IPEndPoint destination, IPAddress? source, CancellationToken cancellationToken)
    {
        var loop = EventLoop.Current ?? throw new InvalidOperationException("Dialled outside of a loop.");
        var error = OutgoingChannel.Create(loop, SocketAddress.From(destination), out var channel);
        if (channel is null) return new DialResult(null, DialErrors.OfConnect(Errno.ToSocketError(error)));
        if (SetOptions(channel, source) is not 0 and var failed)
        {
            channel.Close();
            return new DialResult(null, DialErrors.OfBind(Errno.ToSocketError(failed)));
        }

        await using var registration = cancellationToken.UnsafeRegister(static state => Cancel((OutgoingChannel)state!), channel);
        error = await channel.ConnectAsync();
        if (error == 0) return new DialResult(null, ProxyStatusError.None) { Channel = channel };
        return new DialResult(null, cancellationToken.IsCancellationRequested ? ProxyStatusError.ConnectionTimeout : DialErrors.OfConnect(Errno.ToSocketError(error)));
    }

    private int SetOptions(OutgoingChannel channel, IPAddress? source)
    {
        channel.SetNoDelay();
        if (KeepAliveSeconds > 0) channel.SetKeepAlive(KeepAliveSeconds, TcpDialer.ProbeIntervalSeconds);
        return source is null ? 0 : channel.Bind(SocketAddress.From(source, 0));
    }

    private static void Cancel(OutgoingChannel channel)
    {
        if (channel.Loop.IsCurrent) channel.CancelConnect();
        else channel.Loop.Post(static channel => ((OutgoingChannel)channel!).CancelConnect(), channel);
    }
}
