using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Egress;
using PrivacyProxy.Requests;
using Tunneling.Loops;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>Dials loopback, whatever the name; or answers with an error.</summary>
internal sealed class FakeEgress : IEgress
{
    public List<EgressRequest> Seen { get; } = [];

    public ProxyStatusError Error { get; set; }

    public Exception? Throws { get; set; }

    /// <summary>What dialling waits for.</summary>
    public Func<CancellationToken, Task>? Waits { get; set; }

    /// <summary>A small receive buffer makes back-pressure visible after few bytes.</summary>
    public int? ReceiveBufferSize { get; set; }

    /// <summary>The same of what is sent to destinations; of sockets of .NET alone.</summary>
    public int? SendBufferSize { get; set; }

    public async ValueTask<EgressConnection> ConnectAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        lock (Seen) Seen.Add(request);
        if (Throws is { } exception) throw exception;
        if (Waits is { } wait) await wait(cancellationToken);
        if (Error != ProxyStatusError.None) return EgressConnection.Failed(Error);
        if (request.OnLoop) return await DialAsync(request.Target.Port, cancellationToken);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (ReceiveBufferSize is { } size) socket.ReceiveBufferSize = size;
        if (SendBufferSize is { } sent) socket.SendBufferSize = sent;
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, request.Target.Port), cancellationToken);
        return new EgressConnection(socket, ProxyStatusError.None);
    }

    private async ValueTask<EgressConnection> DialAsync(int port, CancellationToken cancellationToken)
    {
        Assert.Equal(0, OutgoingChannel.Create(EventLoop.Current!, Tunneling.Native.SocketAddress.From(IPAddress.Loopback, port), out var channel));
        channel!.SetNoDelay();
        if (ReceiveBufferSize is { } size) channel.SetReceiveBuffer(size);
        Assert.Equal(0, await channel.ConnectAsync());
        cancellationToken.ThrowIfCancellationRequested();
        return new EgressConnection(null, ProxyStatusError.None) { Channel = channel };
    }
}
