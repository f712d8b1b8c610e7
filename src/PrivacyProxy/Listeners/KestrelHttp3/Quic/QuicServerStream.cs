using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using MsQuic;
using PrivacyProxy.Listeners.KestrelHttp3.Frames;

namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>A stream as Kestrel sees it: its pipes are the stream's own, nothing is copied between. What follows a request's head may be taken from it.</summary>
internal sealed class QuicServerStream : ConnectionContext, IStreamDirectionFeature, IStreamIdFeature, IProtocolErrorCodeFeature, IStreamAbortFeature, IStreamClosedFeature, IPersistentStateFeature
{
    private readonly QuicServerConnection _connection;
    private readonly QuicStream _stream;
    private readonly RequestInput? _input;
    private ConnectionAbortedException? _abortReason;
    private CancellationTokenSource? _closed;
    private long _error = -1;

    public QuicServerStream(QuicServerConnection connection, QuicStream stream)
    {
        (_connection, _stream) = (connection, stream);
        stream.ErrorMapping = Map;
        Transport = stream;
        if (stream is { CanRead: true, CanWrite: true })
        {
            _input = new RequestInput(stream.Input, connection.Break, Refuse, connection.MaxFrame);
            Transport = new OutputPipe(_input, stream.Output);
            Features.Set(_input);
            OnClosed(static input => ((RequestInput)input!).Close(), _input);
        }

        Features.Set<IStreamDirectionFeature>(this);
        Features.Set<IStreamIdFeature>(this);
        Features.Set<IProtocolErrorCodeFeature>(this);
        Features.Set<IStreamAbortFeature>(this);
        Features.Set<IStreamClosedFeature>(this);
        Features.Set<IPersistentStateFeature>(this);
        Features.Set(stream);
    }

    public override string ConnectionId
    {
        get => field ??= $"{_connection.ConnectionId}:{_stream.Id:x}";
        set;
    }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

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

    IDictionary<object, object?> IPersistentStateFeature.State { get; } = new ConnectionItems();

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
        _input?.Fail(abortReason);
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

    /// <summary>Ends it with a code, for what the client asks of it; its connection goes on.</summary>
    private void Refuse(long code)
    {
        Error = code;
        Abort(new ConnectionAbortedException("The client asked too much of a stream."));
    }

    /// <summary>What Kestrel expects of a transport: by the exception it tells a client that left from what went wrong here.</summary>
    private Exception Map(QuicException e) => e.Error == QuicError.OperationAborted
        ? _abortReason ?? _connection.AbortReason ?? new ConnectionAbortedException(e.Message, e)
        : new ConnectionResetException(e.Message, e);

    private sealed record Closing(Action<object?> Callback, object? State)
    {
        public void Run() => Callback(State);
    }
}
