using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using MsQuic;

namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>A QUIC connection as Kestrel sees it.</summary>
internal sealed class QuicServerConnection : MultiplexedConnectionContext, IProtocolErrorCodeFeature, ITlsConnectionFeature
{
    private const long NoError = 0x100;

    private readonly QuicConnection _connection;
    private readonly CancellationTokenSource _closed = new();
    private ConnectionAbortedException? _abortReason;

    public QuicServerConnection(QuicConnection connection, int maxFrame)
    {
        (_connection, MaxFrame) = (connection, maxFrame);
        ConnectionClosed = _closed.Token;
        ClientCertificate = connection.PeerCertificate;
        Features.Set<IProtocolErrorCodeFeature>(this);
        Features.Set<ITlsConnectionFeature>(this);
        Features.Set(connection);
        _ = connection.Closed.ContinueWith(static (_, closed) => ((CancellationTokenSource)closed!).Cancel(), _closed, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString("N");

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint
    {
        get => field ??= _connection.LocalEndPoint;
        set;
    }

    /// <summary>Where the client was when the connection began: it counts there, wherever it goes on.</summary>
    public override EndPoint? RemoteEndPoint
    {
        get => field ??= _connection.RemoteEndPoint;
        set;
    }

    /// <summary>The code to close with, or that the client closed with; -1 while there is none.</summary>
    public long Error { get; set; } = -1;

    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>The longest frame up to the head of a request, bytes.</summary>
    public int MaxFrame { get; }

    /// <summary>Why it was aborted here; null when it was not.</summary>
    public ConnectionAbortedException? AbortReason => _abortReason;

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

    public override async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return new QuicServerStream(this, await _connection.AcceptStreamAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (QuicException e) when (_abortReason is null)
        {
            Error = e.ApplicationErrorCode ?? Error;
            throw new ConnectionResetException(e.Message, e);
        }
        catch (QuicException)
        {
            throw _abortReason!;
        }
    }

    public override async ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        var bidirectional = features?.Get<IStreamDirectionFeature>()?.CanRead ?? true;
        try
        {
            return new QuicServerStream(this, await _connection.OpenStreamAsync(bidirectional, cancellationToken));
        }
        catch (QuicException e)
        {
            throw new ConnectionResetException(e.Message, e);
        }
    }

    /// <summary>Ends it with a code, for what the client did.</summary>
    public void Break(long code)
    {
        Error = code;
        Abort(new ConnectionAbortedException("The client broke the rules of HTTP/3."));
    }

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, abortReason, null) is null) _connection.Abort(Math.Max(Error, 0));
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_connection.Closed.IsCompleted) await _connection.CloseAsync(Error < 0 ? NoError : Error);
        await _connection.DisposeAsync();
        await base.DisposeAsync();
    }
}
