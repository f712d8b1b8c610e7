using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using MsQuic.Native;

namespace MsQuic;

/// <summary>A QUIC connection, of either side. To be disposed, its streams too, in any order.</summary>
public sealed partial class QuicConnection : IConnectionEvents, IAsyncDisposable
{
    private readonly Channel<QuicStream> _streams = Channel.CreateUnbounded<QuicStream>();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<QuicException> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _host;
    private ConnectionHandle _handle = null!;
    private QuicConfiguration? _configuration;
    private IPEndPoint? _remote;
    private int _isShutDown;
    private int _disposed;

    private QuicConnection(string? host, long defaultStreamErrorCode, long defaultCloseErrorCode)
    {
        _host = host;
        (DefaultStreamErrorCode, DefaultCloseErrorCode) = (defaultStreamErrorCode, defaultCloseErrorCode);
    }

    /// <summary>The peer's address, which changes when it moves.</summary>
    public IPEndPoint RemoteEndPoint => _remote ??= Parameters.Address(_handle, Parameters.ConnectionRemoteAddress) ?? new IPEndPoint(IPAddress.None, 0);

    /// <summary>This side's address.</summary>
    public IPEndPoint LocalEndPoint => field ??= Parameters.Address(_handle, Parameters.ConnectionLocalAddress) ?? new IPEndPoint(IPAddress.None, 0);

    /// <summary>What was agreed on.</summary>
    public SslApplicationProtocol Protocol { get; private set; }

    /// <summary>The peer's certificate, if it showed one that was asked for.</summary>
    public X509Certificate2? PeerCertificate { get; private set; }

    /// <summary>The smoothed round trip; zero when it is not known.</summary>
    public TimeSpan RoundTrip => TimeSpan.FromMicroseconds(Parameters.RoundTrip(_handle));

    /// <summary>Whether the server had the client show by Retry that it is at its address (RFC 9000, section 8.1.2); false when it is not known any more.</summary>
    public bool IsRetried => Parameters.IsRetried(_handle);

    /// <summary>Done when the connection has ended or begins to, with the reason.</summary>
    public Task<QuicException> Closed => _closed.Task;

    internal long DefaultStreamErrorCode { get; }

    internal ConnectionHandle Handle => _handle;

    internal int SendLimit => _configuration!.Settings.SendLimit;

    private long DefaultCloseErrorCode { get; }

    /// <summary>Connects to a server, at the first of its addresses that answers.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libmsquic here.</exception>
    /// <exception cref="QuicException">It cannot be reached, refuses, or shows a certificate that is not trusted.</exception>
    /// <exception cref="SocketException">The name has no address.</exception>
    public static async ValueTask<QuicConnection> ConnectAsync(QuicClientOptions options, CancellationToken cancellationToken = default)
    {
        var addresses = options.Address is { } known ? [known]
            : IPAddress.TryParse(options.Host, out var literal) ? [literal]
            : await Dns.GetHostAddressesAsync(options.Host, cancellationToken).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            if (i == addresses.Length) throw new SocketException((int)SocketError.HostNotFound);
            try
            {
                return await ConnectAsync(options, addresses[i], cancellationToken).ConfigureAwait(false);
            }
            catch (QuicException e) when (i < addresses.Length - 1 && e.Error is QuicError.ConnectionTimeout or QuicError.ConnectionRefused or QuicError.HostUnreachable or QuicError.ConnectionIdle)
            {
                // The next address.
            }
        }
    }

    /// <summary>Opens a stream, and waits until the peer allows it.</summary>
    /// <param name="bidirectional">Whether the peer may send on it too.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="QuicException">The connection has ended.</exception>
    public async ValueTask<QuicStream> OpenStreamAsync(bool bidirectional, CancellationToken cancellationToken = default) =>
        (await OpenAsync(bidirectional, StreamStartFlags.ShutdownOnFail | StreamStartFlags.IndicatePeerAccept, cancellationToken).ConfigureAwait(false))!;

    /// <summary>Opens a stream if the peer allows one more now; null when it does not.</summary>
    /// <param name="bidirectional">Whether the peer may send on it too.</param>
    /// <param name="cancellationToken">Gives up waiting for libmsquic.</param>
    /// <exception cref="QuicException">The connection has ended.</exception>
    public ValueTask<QuicStream?> TryOpenStreamAsync(bool bidirectional, CancellationToken cancellationToken = default) =>
        OpenAsync(bidirectional, StreamStartFlags.FailBlocked, cancellationToken);

    /// <summary>The next stream that the peer opens.</summary>
    /// <exception cref="QuicException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public async ValueTask<QuicStream> AcceptStreamAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _streams.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException ?? QuicException.Aborted("The connection is closed.");
        }
    }

    /// <summary>Closes it with a code of the application's and without waiting: all its streams end.</summary>
    public void Abort(long code)
    {
        // libmsquic takes the last of several codes that wait for its thread. Here the first counts, also against who learns of the end and closes it too.
        var isFirst = Interlocked.Exchange(ref _isShutDown, 1) == 0;
        End(QuicException.Aborted("The connection was closed."));
        if (isFirst) _handle.Shutdown((ulong)code);
    }

    /// <summary>Closes it with a code of the application's, and waits until that is done.</summary>
    public async ValueTask CloseAsync(long code)
    {
        Abort(code);
        await _shutdown.Task.ConfigureAwait(false);
    }

    /// <summary>Closes it, unless that is done, and frees what it held.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Abort(DefaultCloseErrorCode);
            await _shutdown.Task.ConfigureAwait(false);
            while (_streams.Reader.TryRead(out var stream)) await stream.DisposeAsync().ConfigureAwait(false);
            _handle.Dispose();
            PeerCertificate?.Dispose();
        }
        else
        {
            await _shutdown.Task.ConfigureAwait(false);
        }
    }

    /// <summary>A connection that a listener is told of.</summary>
    internal static QuicConnection OfClient(nint native, IPEndPoint? remote, QuicListenerOptions options)
    {
        var connection = new QuicConnection(host: null, options.DefaultStreamErrorCode, options.DefaultCloseErrorCode) { _remote = remote };
        connection._handle = ConnectionHandle.Accept(native, connection);
        return connection;
    }

    /// <summary>The server's side of it.</summary>
    internal async ValueTask HandshakeAsync(QuicConfiguration configuration, CancellationToken cancellationToken)
    {
        _configuration = configuration;
        Parameters.ScheduleRoundRobin(_handle);
        _handle.SetConfiguration(configuration.Handle);
        await _connected.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<QuicConnection> ConnectAsync(QuicClientOptions options, IPAddress address, CancellationToken cancellationToken)
    {
        var isName = !IPAddress.TryParse(options.Host, out _);
        var connection = new QuicConnection(options.Host, options.DefaultStreamErrorCode, options.DefaultCloseErrorCode) { _configuration = options.Configuration };
        connection._handle = ConnectionHandle.Open(connection);
        try
        {
            Parameters.ScheduleRoundRobin(connection._handle);
            connection._handle.Start(options.Configuration.Handle, isName ? options.Host : null, new IPEndPoint(address, options.Port));
        }
        catch
        {
            // It never began, so it does not end either.
            connection._shutdown.TrySetResult();
            connection._handle.Dispose();
            throw;
        }

        try
        {
            await connection._connected.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<QuicStream?> OpenAsync(bool bidirectional, StreamStartFlags flags, CancellationToken cancellationToken)
    {
        if (_closed.Task.IsCompleted) throw await _closed.Task.ConfigureAwait(false);
        var stream = QuicStream.Open(this, bidirectional);
        try
        {
            return await stream.StartAsync(flags, cancellationToken).ConfigureAwait(false) ? stream : null;
        }
        catch (QuicException) when (_closed.Task.IsCompleted)
        {
            // Why the connection ended says more.
            throw await _closed.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Only the first reason counts.</summary>
    private void End(QuicException reason)
    {
        if (!_closed.TrySetResult(reason)) return;
        _connected.TrySetException(reason);
        // Nobody need wait for it.
        _ = _connected.Task.Exception;
        _streams.Writer.TryComplete(reason);
    }
}
