using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>QUIC itself; needs libmsquic.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
internal sealed class QuicTransport : IQuicTransport
{
    /// <summary>For the proxy's control stream and those of QPACK.</summary>
    private const int MaxStreamsOfPeer = 8;

    /// <summary>What a tunnel nobody reads from may hold to begin with; it grows with use, as the way to the proxy asks for.</summary>
    private const int StreamWindow = 512 * 1024;

    /// <summary>QUIC counts a byte here until it is read: so it has room for as many tunnels that nobody reads from as a proxy allows on a connection, and more.</summary>
    private const int ConnectionWindow = 256 * 1024 * 1024;

    /// <summary>Where networks block UDP nothing comes back; TCP is tried soon after.</summary>
    private static readonly TimeSpan _handshakeTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan _idleTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(15);

    private readonly QuicConnection _connection;

    private QuicTransport(QuicConnection connection) => _connection = connection;

    /// <summary>A connection to a proxy.</summary>
    /// <exception cref="IOException">It does not answer on UDP.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate is not trusted.</exception>
    public static async ValueTask<IQuicTransport> ConnectAsync(ProxyPeer peer, CancellationToken cancellationToken)
    {
        var tls = peer.TlsOptions([SslApplicationProtocol.Http3]);
        return new QuicTransport(await QuicConnection.ConnectAsync(
            new QuicClientConnectionOptions
            {
                RemoteEndPoint = new DnsEndPoint(peer.Proxy.IdnHost.Trim('[', ']'), peer.Proxy.Port),
                ClientAuthenticationOptions = tls,
                HandshakeTimeout = _handshakeTimeout,
                IdleTimeout = _idleTimeout,
                KeepAliveInterval = _keepAlive,
                InitialReceiveWindowSizes = new QuicReceiveWindowSizes { Connection = ConnectionWindow, LocallyInitiatedBidirectionalStream = StreamWindow },
                MaxInboundUnidirectionalStreams = MaxStreamsOfPeer,
                DefaultStreamErrorCode = Http3Codes.RequestCancelled,
                DefaultCloseErrorCode = Http3Codes.NoError,
            },
            cancellationToken));
    }

    public async ValueTask<DuplexStream> OpenAsync(bool bidirectional, CancellationToken cancellationToken) =>
        Duplex(await _connection.OpenOutboundStreamAsync(bidirectional ? QuicStreamType.Bidirectional : QuicStreamType.Unidirectional, cancellationToken));

    public async ValueTask<DuplexStream> AcceptAsync(CancellationToken cancellationToken) =>
        Duplex(await _connection.AcceptInboundStreamAsync(cancellationToken));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static DuplexStream Duplex(QuicStream stream) => new(stream, new Ends(stream));

    private sealed class Ends(QuicStream stream) : IStreamEnds
    {
        public ValueTask CompleteWritesAsync(CancellationToken cancellationToken)
        {
            stream.CompleteWrites();
            return ValueTask.CompletedTask;
        }

        public void Abort() => stream.Abort(QuicAbortDirection.Both, Http3Codes.RequestCancelled);
    }
}
