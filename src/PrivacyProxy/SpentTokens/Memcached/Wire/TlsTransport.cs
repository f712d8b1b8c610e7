using System.Net.Security;
using System.Net.Sockets;

namespace PrivacyProxy.SpentTokens.Memcached.Wire;

/// <summary>TLS over a socket.</summary>
internal sealed class TlsTransport(Socket socket, SslStream stream) : MemcachedTransport
{
    public override int Receive(Span<byte> buffer) => stream.Read(buffer);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> batch) => stream.WriteAsync(batch);

    public override void Abort()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already: the reader knows.
        }
    }

    public override void Dispose() => stream.Dispose();
}
