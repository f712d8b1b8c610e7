using System.Net.Sockets;

namespace PrivacyRelay.Streams;

/// <summary>Ends a TCP connection: FIN for one direction, RST for both.</summary>
internal sealed class SocketEnds(Socket socket) : IStreamEnds
{
    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken)
    {
        socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    public void Abort() => socket.Close(timeout: 0);
}
