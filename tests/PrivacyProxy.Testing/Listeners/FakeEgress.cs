using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Egress;
using PrivacyProxy.Requests;

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

    public async ValueTask<EgressConnection> ConnectAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        lock (Seen) Seen.Add(request);
        if (Throws is { } exception) throw exception;
        if (Waits is { } wait) await wait(cancellationToken);
        if (Error != ProxyStatusError.None) return EgressConnection.Failed(Error);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (ReceiveBufferSize is { } size) socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, request.Target.Port), cancellationToken);
        return new EgressConnection(socket, ProxyStatusError.None);
    }
}
