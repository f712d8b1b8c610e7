using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>Over cleartext: writes go straight to the socket, so a shutdown after them is a FIN after their last byte.</summary>
internal sealed class PlainHttp1Client(ConnectionContext connection) : Http1Client(connection, connection.Transport.Input)
{
    public override int MaxBufferSize => 256 * 1024;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await Socket.SendAsync(bytes, SocketFlags.None)..];
    }

    public override ValueTask CompleteAsync()
    {
        Socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }
}
