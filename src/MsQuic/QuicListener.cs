using System.Net;
using System.Threading.Channels;
using MsQuic.Native;

namespace MsQuic;

/// <summary>Takes connections of clients on a UDP port; they are handed out once their handshake is done.</summary>
public sealed class QuicListener : IListenerEvents, IAsyncDisposable
{
    private readonly QuicListenerOptions _options;
    private readonly ListenerHandle _handle;
    private readonly Channel<QuicConnection> _accepted = Channel.CreateUnbounded<QuicConnection>();
    private readonly CancellationTokenSource _stopping = new();
    private int _pending;
    private long _refused;
    private int _disposed;

    private QuicListener(QuicListenerOptions options)
    {
        _options = options;
        _handle = new ListenerHandle(this);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>Connections in their handshake or not yet accepted.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Connections that were refused since there were too many of these.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Listens.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libmsquic here.</exception>
    /// <exception cref="QuicException">The address cannot be listened on.</exception>
    public static QuicListener Listen(QuicListenerOptions options)
    {
        var listener = new QuicListener(options);
        try
        {
            var address = SocketAddresses.Write(options.EndPoint);
            // Every address of both families: that of none.
            if (options.EndPoint.Address.Equals(IPAddress.IPv6Any)) address.AsSpan(0, 2).Clear();
            listener._handle.Start(QuicConfiguration.Names(options.ApplicationProtocols), address);
            listener.EndPoint = listener._handle.LocalEndPoint;
            return listener;
        }
        catch
        {
            listener._handle.Dispose();
            throw;
        }
    }

    /// <summary>The next connection; null once the listener is disposed.</summary>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public async ValueTask<QuicConnection?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var connection = await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            Interlocked.Decrement(ref _pending);
            return connection;
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    /// <summary>Stops listening; connections that were accepted go on, the others are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        // Waits for callbacks that run.
        await Task.Run(_handle.Dispose).ConfigureAwait(false);
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out var connection)) await connection.DisposeAsync().ConfigureAwait(false);
    }

    bool IListenerEvents.OnNewConnection(nint connection, string serverName, IPEndPoint? remote)
    {
        if (Interlocked.Increment(ref _pending) > _options.Backlog)
        {
            Interlocked.Decrement(ref _pending);
            Interlocked.Increment(ref _refused);
            return false;
        }

        var accepted = QuicConnection.OfClient(connection, remote, _options);
        // Certificates are chosen on a thread of .NET's: that may take its time.
        _ = Task.Run(() => HandshakeAsync(accepted, serverName));
        return true;
    }

    private async Task HandshakeAsync(QuicConnection connection, string serverName)
    {
        try
        {
            var configuration = await _options.Configure(new QuicClientHello(connection, serverName), _stopping.Token).ConfigureAwait(false);
            if (configuration is not null)
            {
                await connection.HandshakeAsync(configuration, _stopping.Token).ConfigureAwait(false);
                if (_accepted.Writer.TryWrite(connection)) return;
            }
        }
        catch (Exception)
        {
            // Whatever it was, this client gets no connection, and the others do not notice.
        }

        await connection.DisposeAsync().ConfigureAwait(false);
        Interlocked.Decrement(ref _pending);
    }
}
