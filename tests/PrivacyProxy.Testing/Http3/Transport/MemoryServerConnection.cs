using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A connection in memory, as Kestrel sees it.</summary>
internal sealed class MemoryServerConnection : MultiplexedConnectionContext, IProtocolErrorCodeFeature
{
    private readonly Channel<ConnectionContext> _toServer = Channel.CreateUnbounded<ConnectionContext>();
    private readonly CancellationTokenSource _closed = new();
    private readonly MemoryConnection _connection;
    private readonly MemoryTransport _transport;

    public MemoryServerConnection(MemoryConnection connection, MemoryTransport transport)
    {
        (_connection, _transport) = (connection, transport);
        ConnectionClosed = _closed.Token;
        RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 50_000);
        LocalEndPoint = transport.EndPoint;
        Features.Set<IProtocolErrorCodeFeature>(this);
        Features.Set<ITlsConnectionFeature>(new MemoryClientCertificate { ClientCertificate = transport.ClientCertificate });
    }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString("N");

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override CancellationToken ConnectionClosed { get; set; }

    public long Error { get; set; } = -1;

    public void Deliver(MemoryStreamPair pair) => _toServer.Writer.TryWrite(Start(pair));

    public void OnClosedByClient(long code)
    {
        Error = code;
        _toServer.Writer.TryComplete(new ConnectionResetException("The client has closed the connection.", new StreamAbortedException(code)));
        _closed.Cancel();
    }

    public override async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _toServer.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException!;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public override ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        var bidirectional = features?.Get<IStreamDirectionFeature>()?.CanRead ?? true;
        return ValueTask.FromResult<ConnectionContext>(Start(_connection.OpenFromServer(bidirectional)));
    }

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (!_connection.Close(Error < 0 ? 0 : Error)) return;
        _toServer.Writer.TryComplete(abortReason);
        _closed.Cancel();
    }

    public override ValueTask DisposeAsync()
    {
        Abort();
        return base.DisposeAsync();
    }

    private MemoryServerStream Start(MemoryStreamPair pair)
    {
        var stream = new MemoryServerStream(this, pair, _transport);
        stream.Start();
        return stream;
    }
}
