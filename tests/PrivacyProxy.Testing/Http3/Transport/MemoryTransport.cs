using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>
/// Stands where Kestrel has QUIC: connections of many streams, in memory. So its HTTP/3, and the proxy's, run on machines without libmsquic.
/// </summary>
internal sealed class MemoryTransport : IMultiplexedConnectionListenerFactory, IMultiplexedConnectionListener
{
    private readonly Channel<MultiplexedConnectionContext> _accepted = Channel.CreateUnbounded<MultiplexedConnectionContext>();

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.Loopback, 0);

    /// <summary>Kestrel's QUIC transport (10.0.12) gives its pipes no pool, whatever IMemoryPoolFactory is registered: that is the shared one.</summary>
    public MemoryPool<byte> MemoryPool { get; } = MemoryPool<byte>.Shared;

    /// <summary>As in QuicTransportOptions.</summary>
    public int MaxReadBufferSize { get; set; } = 1024 * 1024;

    /// <summary>As in QuicTransportOptions.</summary>
    public int MaxWriteBufferSize { get; set; } = 64 * 1024;

    /// <summary>How many bytes each write of the server had.</summary>
    public ConcurrentQueue<int> Writes { get; } = new();

    public ValueTask<IMultiplexedConnectionListener> BindAsync(EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        EndPoint = endpoint;
        return ValueTask.FromResult<IMultiplexedConnectionListener>(this);
    }

    /// <summary>What the next client shows in its handshake.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>A client connects.</summary>
    public MemoryConnection Connect()
    {
        var connection = new MemoryConnection(this);
        if (!_accepted.Writer.TryWrite(connection.Server)) throw new IOException("Nobody listens.");
        return connection;
    }

    public async ValueTask<MultiplexedConnectionContext?> AcceptAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
        await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out var connection) ? connection : null;

    public void Record(int write) => Writes.Enqueue(write);

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
