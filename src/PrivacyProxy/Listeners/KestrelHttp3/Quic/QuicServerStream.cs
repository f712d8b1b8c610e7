using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using MsQuic;

namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>A stream as Kestrel sees it: its pipes are the stream's own, nothing is copied between. Those of tunnels it does not see.</summary>
internal sealed class QuicServerStream : ConnectionContext, IStreamDirectionFeature, IStreamIdFeature, IProtocolErrorCodeFeature, IStreamAbortFeature, IStreamClosedFeature, IPersistentStateFeature
{
    private readonly QuicServerConnection _connection;
    private readonly QuicStream _stream;
    private ConnectionAbortedException? _abortReason;
    private CancellationTokenSource? _closed;
    private long _error = -1;

    public QuicServerStream(QuicServerConnection connection, QuicStream stream)
    {
        (_connection, _stream) = (connection, stream);
        stream.ErrorMapping = Map;
        Transport = stream;
    }

    /// <summary>The stream itself.</summary>
    public QuicStream Stream => _stream;

    public override string ConnectionId
    {
        get => field ??= $"{_connection.ConnectionId}:{_stream.Id:x}";
        set;
    }

    /// <summary>Made when Kestrel asks for them.</summary>
    public override IFeatureCollection Features => field ??= NewFeatures();

    public override IDictionary<object, object?> Items
    {
        get => field ??= new ConnectionItems();
        set;
    }

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint
    {
        get => _connection.LocalEndPoint;
        set => throw new NotSupportedException();
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _connection.RemoteEndPoint;
        set => throw new NotSupportedException();
    }

    /// <summary>Fires when both directions have ended.</summary>
    public override CancellationToken ConnectionClosed
    {
        get
        {
            if (_closed is null && Interlocked.CompareExchange(ref _closed, new CancellationTokenSource(), null) is null)
                OnClosed(static closed => ((CancellationTokenSource)closed!).Cancel(), _closed);
            return _closed.Token;
        }
        set => throw new NotSupportedException();
    }

    public bool CanRead => _stream.CanRead;

    public bool CanWrite => _stream.CanWrite;

    public long StreamId => _stream.Id;

    /// <summary>The code to abort with, or that the client aborted with; -1 while there is none.</summary>
    public long Error
    {
        get => _error >= 0 ? _error : _stream.PeerErrorCode ?? -1;
        set => _error = value;
    }

    IDictionary<object, object?> IPersistentStateFeature.State => field ??= new ConnectionItems();

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override void Abort(ConnectionAbortedException abortReason)
    {
        var code = Math.Max(Error, 0);
        // In this order: who reads is told at once, and may reset the stream with a code of its own.
        AbortWrite(code, abortReason);
        AbortRead(code, abortReason);
    }

    public void AbortRead(long errorCode, ConnectionAbortedException abortReason)
    {
        Interlocked.CompareExchange(ref _abortReason, abortReason, null);
        _stream.StopSending(errorCode);
    }

    public void AbortWrite(long errorCode, ConnectionAbortedException abortReason)
    {
        Interlocked.CompareExchange(ref _abortReason, abortReason, null);
        _stream.Reset(errorCode);
    }

    public void OnClosed(Action<object?> callback, object? state) =>
        _ = _stream.Closed.ContinueWith(static (_, call) => ((Closing)call!).Run(), new Closing(callback, state), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Ends both directions with a code.</summary>
    public void Abort(long code)
    {
        Error = code;
        Abort(new ConnectionAbortedException("The proxy ended the stream."));
    }

    /// <summary>What Kestrel expects of a transport: by the exception it tells a client that left from what went wrong here.</summary>
    private Exception Map(QuicException e) => e.Error == QuicError.OperationAborted
        ? _abortReason ?? _connection.AbortReason ?? new ConnectionAbortedException(e.Message, e)
        : new ConnectionResetException(e.Message, e);

    private FeatureCollection NewFeatures()
    {
        var features = new FeatureCollection();
        features.Set<IStreamDirectionFeature>(this);
        features.Set<IStreamIdFeature>(this);
        features.Set<IProtocolErrorCodeFeature>(this);
        features.Set<IStreamAbortFeature>(this);
        features.Set<IStreamClosedFeature>(this);
        features.Set<IPersistentStateFeature>(this);
        return features;
    }

    private sealed record Closing(Action<object?> Callback, object? State)
    {
        public void Run() => Callback(State);
    }
}
