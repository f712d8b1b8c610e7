using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>
/// A stream in memory, as Kestrel sees it. It has the shape of Kestrel's own QUIC stream, and its defect: two pipes with a pump each,
/// of which that of the client's bytes stops when the other has ended.
/// </summary>
internal sealed class MemoryServerStream : ConnectionContext, IStreamDirectionFeature, IStreamIdFeature, IProtocolErrorCodeFeature,
    IStreamAbortFeature, IStreamClosedFeature, IPersistentStateFeature, IMemoryPoolFeature, IConnectionLifetimeFeature
{
    private const int MinReadSize = 4096;

    private readonly MemoryStreamPair _pair;
    private readonly MemoryTransport _transport;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action> _onClosed = [];
    private Task _pumps = Task.CompletedTask;
    private volatile Exception? _abortReason;
    private bool _isClosed;

    public MemoryServerStream(MultiplexedConnectionContext connection, MemoryStreamPair pair, MemoryTransport transport)
    {
        (_pair, _transport) = (pair, transport);
        ConnectionId = $"{connection.ConnectionId}:{pair.Id}";
        (LocalEndPoint, RemoteEndPoint) = (connection.LocalEndPoint, connection.RemoteEndPoint);
        ConnectionClosed = _closed.Token;
        _input = new Pipe(new PipeOptions(MemoryPool, PipeScheduler.ThreadPool, PipeScheduler.Inline, transport.MaxReadBufferSize, transport.MaxReadBufferSize / 2, useSynchronizationContext: false));
        _output = new Pipe(new PipeOptions(MemoryPool, PipeScheduler.Inline, PipeScheduler.ThreadPool, transport.MaxWriteBufferSize, transport.MaxWriteBufferSize / 2, useSynchronizationContext: false));
        Transport = new MemoryDuplexPipe(_input.Reader, _output.Writer);
        foreach (var feature in GetType().GetInterfaces().Where(static type => type.Namespace!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)))
            Features[feature] = this;
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public bool CanRead => _pair.Up is not null;

    public bool CanWrite => _pair.Down is not null;

    public long StreamId => _pair.Id;

    public long Error { get; set; } = -1;

    public MemoryPool<byte> MemoryPool => _transport.MemoryPool;

    IDictionary<object, object?> IPersistentStateFeature.State { get; } = new ConnectionItems();

    public void Start() => _pumps = RunAsync();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _abortReason ??= abortReason;
        _pair.Up?.Stop(Math.Max(Error, 0));
        AbortWrite(Math.Max(Error, 0), abortReason);
    }

    public void AbortRead(long errorCode, ConnectionAbortedException abortReason)
    {
        _abortReason ??= abortReason;
        _pair.Up?.Stop(errorCode);
    }

    public void AbortWrite(long errorCode, ConnectionAbortedException abortReason)
    {
        _pair.Down?.Reset(errorCode);
        _output.Reader.CancelPendingRead();
    }

    public void OnClosed(Action<object?> callback, object? state)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _onClosed.Add(() => callback(state));
                return;
            }
        }

        callback(state);
    }

    public override async ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        await _input.Reader.CompleteAsync();
        await _output.Writer.CompleteAsync();
        // Nobody reads any more, whether Kestrel has said so or not.
        _pair.Up?.Stop(0);
        await _pumps;
        _pair.Down?.Reset(0);
        await base.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var receiving = _pair.Up is { } up ? ReceiveAsync(up) : Task.CompletedTask;
        var sending = _pair.Down is { } down ? SendAsync(down) : Task.CompletedTask;
        await receiving;
        await sending;
        lock (_gate) _isClosed = true;
        foreach (var action in _onClosed) action();
        await _closed.CancelAsync();
    }

    private async Task ReceiveAsync(MemoryDirection up)
    {
        Exception? error = null;
        try
        {
            while (true)
            {
                var count = await up.ReadAsync(_input.Writer.GetMemory(MinReadSize));
                if (count == 0) break;
                _input.Writer.Advance(count);
                var flush = await _input.Writer.FlushAsync();
                if (flush.IsCompleted) break;
                // What Kestrel's stream does once its answer has ended: nothing more reaches the application, not even the end.
                if (flush.IsCanceled) await Task.WhenAny(_disposed.Task, up.StopCode, up.ResetCode);
            }
        }
        catch (StreamAbortedException e)
        {
            Error = e.Code;
            error = new ConnectionResetException(e.Message, e);
        }
        finally
        {
            await _input.Writer.CompleteAsync(_abortReason ?? error);
        }
    }

    private async Task SendAsync(MemoryDirection down)
    {
        _ = down.StopCode.ContinueWith(_ => _output.Reader.CancelPendingRead(), TaskScheduler.Default);
        try
        {
            while (true)
            {
                var result = await _output.Reader.ReadAsync();
                if (result.IsCanceled) break;
                foreach (var segment in result.Buffer)
                {
                    _transport.Record(segment.Length);
                    await down.WriteAsync(segment);
                }

                _output.Reader.AdvanceTo(result.Buffer.End);
                if (!result.IsCompleted) continue;
                down.CompleteWrites();
                break;
            }
        }
        catch (StreamAbortedException e)
        {
            Error = e.Code;
        }
        finally
        {
            // As Kestrel's: a client that wants no more is no error to who writes.
            await _output.Reader.CompleteAsync();
            _input.Writer.CancelPendingFlush();
        }
    }
}
