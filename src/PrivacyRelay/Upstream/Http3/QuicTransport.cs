using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MsQuic;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>QUIC itself; needs libmsquic.</summary>
internal sealed class QuicTransport : IQuicTransport
{
    /// <summary>What a tunnel nobody reads from may hold to begin with; it grows with use, as the way to the proxy asks for.</summary>
    private const int StreamWindow = 512 * 1024;

    private readonly QuicConnection _connection;
    private readonly QuicConfiguration _configuration;

    private QuicTransport(QuicConnection connection, QuicConfiguration configuration) => (_connection, _configuration) = (connection, configuration);

    /// <summary>What a connection to a proxy may hold.</summary>
    private static QuicSettings Settings { get; } = new()
    {
        // For the proxy's control stream and those of QPACK.
        MaxUnidirectionalStreams = 8,
        StreamWindow = StreamWindow,
        // A byte counts here until it is read: room for as many tunnels that nobody reads from as a proxy allows on a connection, and more.
        ConnectionWindow = 256 * 1024 * 1024,
        SendLimit = 1024 * 1024,
        // Where networks block UDP nothing comes back; TCP is tried soon after.
        HandshakeTimeout = TimeSpan.FromSeconds(3),
        IdleTimeout = TimeSpan.FromSeconds(30),
        KeepAlive = TimeSpan.FromSeconds(10),
        DisconnectTimeout = TimeSpan.FromSeconds(5),
        CongestionControl = QuicCongestionControl.Bbr,
        Datagrams = true,
    };

    public bool HasDatagrams => true;

    public int MaxDatagramSize => _connection.MaxDatagramSize;

    public QuicDatagramHandler? DatagramHandler
    {
        set => _connection.DatagramHandler = value;
    }

    /// <summary>A connection to a proxy.</summary>
    /// <exception cref="IOException">It does not answer on UDP.</exception>
    /// <exception cref="AuthenticationException">Its certificate is not trusted.</exception>
    public static async ValueTask<IQuicTransport> ConnectAsync(ProxyPeer peer, CancellationToken cancellationToken)
    {
        var tls = peer.TlsOptions([SslApplicationProtocol.Http3]);
        var isDistrusted = false;
        var shown = tls.ClientCertificateContext;
        var configuration = QuicConfiguration.ForClient(tls.ApplicationProtocols!, Settings, Judge, shown?.TargetCertificate, shown?.IntermediateCertificates);
        try
        {
            var connection = await QuicConnection.ConnectAsync(
                new QuicClientOptions
                {
                    Host = peer.Proxy.IdnHost.Trim('[', ']'),
                    Port = peer.Proxy.Port,
                    Configuration = configuration,
                    DefaultStreamErrorCode = Http3Codes.RequestCancelled,
                    DefaultCloseErrorCode = Http3Codes.NoError,
                },
                cancellationToken);
            return new QuicTransport(connection, configuration);
        }
        catch (QuicException e) when (isDistrusted)
        {
            configuration.Dispose();
            throw new AuthenticationException(e.Message, e);
        }
        catch
        {
            configuration.Dispose();
            throw;
        }

        bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            var isTrusted = tls.RemoteCertificateValidationCallback!(sender, certificate, chain, errors);
            isDistrusted = !isTrusted;
            return isTrusted;
        }
    }

    public async ValueTask<DuplexStream> OpenAsync(bool bidirectional, CancellationToken cancellationToken) =>
        Duplex(await _connection.OpenStreamAsync(bidirectional, cancellationToken));

    public async ValueTask<RequestStream?> TryOpenRequestAsync(CancellationToken cancellationToken) =>
        await _connection.TryOpenStreamAsync(bidirectional: true, cancellationToken) is { } stream ? new RequestStream(Duplex(stream), stream.Id) : null;

    public async ValueTask<DuplexStream> AcceptAsync(CancellationToken cancellationToken) => Duplex(await _connection.AcceptStreamAsync(cancellationToken));

    public void Abort(long code) => _connection.Abort(code);

    public bool TrySendDatagram(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => _connection.TrySendDatagram(header, payload);

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _configuration.Dispose();
    }

    private static DuplexStream Duplex(QuicStream stream)
    {
        var whole = new QuicDuplex(stream);
        return new DuplexStream(whole, whole);
    }
}
