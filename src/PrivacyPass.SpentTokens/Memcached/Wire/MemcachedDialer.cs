using System.Net;
using System.Net.Sockets;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>Opens the socket of a connection, and TLS on it where asked for.</summary>
internal static class MemcachedDialer
{
    public static async Task<MemcachedTransport> DialAsync(MemcachedEndpoint endpoint, MemcachedTls? tls, CancellationToken cancellationToken)
    {
        var addresses = await endpoint.ResolveAsync(cancellationToken);
        for (var i = 0; ; i++)
        {
            if (i == addresses.Length) throw new SocketException((int)SocketError.HostNotFound);
            try
            {
                return await OpenAsync(addresses[i], socket => tls is null ? socket : TlsTransport.Authenticate(socket, tls, endpoint.Host), cancellationToken);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                // The next address may answer.
            }
        }
    }

    /// <summary>Blocks on a thread of its own: Socket.ConnectAsync would register the socket with .NET's epoll thread, which then wakes with every reply.</summary>
    private static async Task<MemcachedTransport> OpenAsync(EndPoint address, Func<MemcachedTransport, MemcachedTransport> secure, CancellationToken cancellationToken)
    {
        var unix = address.AddressFamily == AddressFamily.Unix;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (!unix) socket.NoDelay = true;
            using var abort = cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket);
            var opening = Task.Factory.StartNew(
                () =>
                {
                    socket.Connect(address);
                    return secure(new SocketTransport(socket));
                },
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            return await opening.WaitAsync(cancellationToken);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is not OperationCanceledException) cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }
}
