using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using MsQuic;
using PrivacyProxy.Certificates;

namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>Connections of clients, with the certificate that is shown when each begins.</summary>
internal sealed class QuicServerListener : IMultiplexedConnectionListener
{
    private const long NoError = 0x100, RequestCancelled = 0x10c;

    private readonly TlsConnectionCallbackOptions _tls;
    private readonly QuicSettings _settings;
    private readonly QuicListener _listener;
    private readonly int _maxFrame;

    /// <summary>Each certificate is loaded once; one that is shown no more goes with its configuration.</summary>
    private readonly ConditionalWeakTable<SslStreamCertificateContext, QuicConfiguration> _configurations = [];

    public QuicServerListener(IPEndPoint endPoint, TlsConnectionCallbackOptions tls, QuicOptions options, int maxFrame)
    {
        (_tls, _settings, _maxFrame) = (tls, options.ToSettings(ServerTls.HandshakeTimeout), maxFrame);
        if (options.AddressValidation == QuicAddressValidation.Always) QuicLibrary.RequireAddressValidation();
        _listener = QuicListener.Listen(new QuicListenerOptions
        {
            EndPoint = endPoint,
            ApplicationProtocols = tls.ApplicationProtocols,
            Configure = ConfigureAsync,
            Backlog = options.Backlog,
            DefaultStreamErrorCode = RequestCancelled,
            DefaultCloseErrorCode = NoError,
        });
    }

    public EndPoint EndPoint => _listener.EndPoint;

    public async ValueTask<MultiplexedConnectionContext?> AcceptAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _listener.AcceptAsync(cancellationToken) is { } connection ? new QuicServerConnection(connection, _maxFrame) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => _listener.DisposeAsync();

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async ValueTask<QuicConfiguration?> ConfigureAsync(QuicClientHello hello, CancellationToken cancellationToken)
    {
        // Kestrel asks for a connection, to tell it to who chooses; nobody here looks at it.
        var context = new TlsConnectionCallbackContext
        {
            ClientHelloInfo = new SslClientHelloInfo(hello.ServerName, SslProtocols.Tls13),
            State = _tls.OnConnectionState,
            Connection = new QuicServerConnection(hello.Connection, _maxFrame),
        };
        var chosen = await _tls.OnConnection(context, cancellationToken);
        // Whether clients are asked for a certificate is the same for all connections of a listener.
        return chosen.ServerCertificateContext is { } certificate
            ? _configurations.GetValue(certificate, certificate => Load(certificate, chosen.ClientCertificateRequired ? chosen.RemoteCertificateValidationCallback : null))
            : null;
    }

    private QuicConfiguration Load(SslStreamCertificateContext certificate, RemoteCertificateValidationCallback? validateClient) =>
        QuicConfiguration.ForServer(_tls.ApplicationProtocols, _settings, certificate.TargetCertificate, certificate.IntermediateCertificates, validateClient);
}
