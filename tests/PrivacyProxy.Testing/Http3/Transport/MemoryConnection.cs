using System.Threading.Channels;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A connection in memory, as the client sees it; <see cref="Server"/> is its other end.</summary>
internal sealed class MemoryConnection : ITransportConnection
{
    private readonly Channel<ITransportStream> _toClient = Channel.CreateUnbounded<ITransportStream>();
    private readonly Lock _gate = new();
    private readonly List<MemoryStreamPair> _streams = [];
    private readonly TaskCompletionSource<long> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _opened;

    public MemoryConnection(MemoryTransport transport) => Server = new MemoryServerConnection(this, transport);

    public MemoryServerConnection Server { get; }

    /// <summary>The code it was closed with, by either side.</summary>
    public Task<long> Closed => _closed.Task;

    public ValueTask<ITransportStream> OpenAsync(bool bidirectional)
    {
        var pair = Add(server: false, bidirectional, new MemoryDirection(), bidirectional ? new MemoryDirection() : null);
        Server.Deliver(pair);
        return ValueTask.FromResult<ITransportStream>(new MemoryClientStream(pair));
    }

    public async ValueTask<ITransportStream> AcceptAsync()
    {
        try
        {
            return await _toClient.Reader.ReadAsync();
        }
        catch (ChannelClosedException)
        {
            throw new StreamAbortedException(await Closed);
        }
    }

    public ValueTask CloseAsync(long code)
    {
        if (Close(code)) Server.OnClosedByClient(code);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => CloseAsync(0x100);

    /// <summary>The server opens a stream.</summary>
    public MemoryStreamPair OpenFromServer(bool bidirectional)
    {
        var pair = Add(server: true, bidirectional, bidirectional ? new MemoryDirection() : null, new MemoryDirection());
        _toClient.Writer.TryWrite(new MemoryClientStream(pair));
        return pair;
    }

    /// <summary>Ends every stream; false when that was done already.</summary>
    public bool Close(long code)
    {
        lock (_gate)
        {
            if (!_closed.TrySetResult(code)) return false;
            _toClient.Writer.TryComplete();
            foreach (var stream in _streams) stream.Abort(code);
            return true;
        }
    }

    private MemoryStreamPair Add(bool server, bool bidirectional, MemoryDirection? up, MemoryDirection? down)
    {
        lock (_gate)
        {
            var id = ((long)_opened++ << 2) | (bidirectional ? 0L : 2L) | (server ? 1L : 0L);
            var pair = new MemoryStreamPair(id, up, down);
            if (_closed.Task.IsCompleted) pair.Abort(_closed.Task.Result);
            else _streams.Add(pair);
            return pair;
        }
    }
}
