using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>
/// A request that nobody has sent, one for a connection with tunnels. They pass Kestrel by, which would take the connection for idle and close
/// it, or end it before they have when it drains: so it is shown this one, which the application does not answer before they have ended.
/// </summary>
internal sealed class HeldRequest : DefaultConnectionContext, IStreamDirectionFeature, IStreamIdFeature, IProtocolErrorCodeFeature, IStreamAbortFeature, IStreamClosedFeature, IPersistentStateFeature
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closed = new();

    // GET / of https://tunnels.invalid: HEADERS, by the static table of QPACK.
    private static readonly byte[] _head = [0x01, 22, 0, 0, 0xd1, 0xd7, 0xc1, 0x50, 15, .. "tunnels.invalid"u8];

    /// <param name="connection">The connection.</param>
    /// <param name="id">The number of a stream that Kestrel is not shown.</param>
    public HeldRequest(MultiplexedConnectionContext connection, long id)
        : base($"{connection.ConnectionId}:tunnels")
    {
        (StreamId, LocalEndPoint, RemoteEndPoint, ConnectionClosed) = (id, connection.LocalEndPoint, connection.RemoteEndPoint, _closed.Token);
        Transport = new OutputPipe(PipeReader.Create(new ReadOnlySequence<byte>(_head)), new Nowhere(_closed));
        Features.Set<IStreamDirectionFeature>(this);
        Features.Set<IStreamIdFeature>(this);
        Features.Set<IProtocolErrorCodeFeature>(this);
        Features.Set<IStreamAbortFeature>(this);
        Features.Set<IStreamClosedFeature>(this);
        Features.Set<IPersistentStateFeature>(this);
        Features.Set(this);
    }

    public bool CanRead => true;

    public bool CanWrite => true;

    public long StreamId { get; }

    public long Error { get; set; } = -1;

    IDictionary<object, object?> IPersistentStateFeature.State { get; } = new ConnectionItems();

    /// <summary>There are no tunnels any more.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>What the application does for it: waits.</summary>
    public Task ServeAsync(CancellationToken aborted) => _released.Task.WaitAsync(aborted).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Release();
        _closed.Cancel();
    }

    public void AbortRead(long errorCode, ConnectionAbortedException abortReason) => Abort(abortReason);

    public void AbortWrite(long errorCode, ConnectionAbortedException abortReason) => Abort(abortReason);

    public void OnClosed(Action<object?> callback, object? state) => _closed.Token.UnsafeRegister(callback, state);

    /// <summary>Where the answer goes. With its end the stream has ended both ways.</summary>
    private sealed class Nowhere(CancellationTokenSource closed) : PipeWriter
    {
        private byte[] _scratch = new byte[1024];

        public override Memory<byte> GetMemory(int sizeHint = 0) => _scratch.Length >= sizeHint ? _scratch : _scratch = new byte[sizeHint];

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => default;

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null) => _ = closed.CancelAsync();
    }
}
