using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Tunneling.Admission;
using Tunneling.Loops;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>A listening socket whose connections are admitted before Kestrel sees them.</summary>
internal sealed class AdmittingListener : IConnectionListener
{
    /// <summary>How long connections without a tunnel have to end by themselves once nothing is accepted any more.</summary>
    private static readonly TimeSpan _stopGrace = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly ConnectionRegistry _registry;
    private readonly SocketConnectionContextFactory _connections;
    private readonly (MemoryPool<byte> Small, MemoryPool<byte> Large) _pools;
    private readonly Acceptor _acceptor;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _stopTimer;

    private AdmittingListener(Socket socket, ConnectionRegistry registry, SocketConnectionContextFactory connections, (MemoryPool<byte> Small, MemoryPool<byte> Large) pools, TimeProvider time)
    {
        (_socket, _registry, _connections, _pools) = (socket, registry, connections, pools);
        _acceptor = new Acceptor(socket, registry, time);
        _stopTimer = time.CreateTimer(static state => ((ConnectionRegistry)state!).Stop(), registry, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        EndPoint = socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    /// <exception cref="AddressInUseException">The address is taken.</exception>
    public static AdmittingListener Bind(IPEndPoint endPoint, ConnectionRegistry registry, SocketTransportOptions options, (MemoryPool<byte> Small, MemoryPool<byte> Large) pools, ILogger logger, TimeProvider time)
    {
        Socket? socket = null;
        try
        {
            socket = options.CreateBoundListenSocket(endPoint);
            socket.NoDelay = options.NoDelay;
            // Accepted sockets inherit these.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Listener.KeepAliveTime);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Listener.KeepAliveInterval);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Listener.KeepAliveProbes);
            UnsentLimit.Set(socket);
            socket.Listen(options.Backlog);
            return new AdmittingListener(socket, registry, new SocketConnectionContextFactory(FactoryOptions(options), logger), pools, time);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            if (e.SocketErrorCode == SocketError.AddressAlreadyInUse) throw new AddressInUseException(e.Message, e);
            throw;
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _acceptor.AcceptAsync(_stopping.Token) is { } socket)
        {
            var connection = _connections.Create(socket);
            var place = new SocketPlace(connection);
            if (_registry.TryAdmit(place)) return new AdmittedConnectionContext(connection, place, _registry, new ConnectionMemoryPool(place, _pools.Small, _pools.Large));
            connection.Abort();
            await connection.DisposeAsync();
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        _stopTimer.Change(_stopGrace, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _stopTimer.DisposeAsync();
        _registry.Stop();
        _connections.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The transport's options as Kestrel's own listener would pass them on, its memory pool included, for which there is no public way.</summary>
    private static SocketConnectionFactoryOptions FactoryOptions(SocketTransportOptions options)
    {
        try
        {
            return Convert(options);
        }
        catch (MissingMethodException)
        {
            return new SocketConnectionFactoryOptions
            {
                IOQueueCount = options.IOQueueCount,
                MaxReadBufferSize = options.MaxReadBufferSize,
                MaxWriteBufferSize = options.MaxWriteBufferSize,
                WaitForDataBeforeAllocatingBuffer = options.WaitForDataBeforeAllocatingBuffer,
                UnsafePreferInlineScheduling = options.UnsafePreferInlineScheduling,
            };
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SocketConnectionFactoryOptions Convert(SocketTransportOptions options);
}
