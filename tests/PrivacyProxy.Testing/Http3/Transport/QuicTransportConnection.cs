using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.Testing.Http3.Transport;

/// <summary>A real QUIC connection, where libmsquic is installed.</summary>
[SupportedOSPlatform("linux")]
internal sealed class QuicTransportConnection(QuicConnection connection) : ITransportConnection
{
    public static async Task<QuicTransportConnection> ConnectAsync(IPEndPoint server, RemoteCertificateValidationCallback validate, X509Certificate2? certificate = null) => new(await QuicConnection.ConnectAsync(new QuicClientConnectionOptions
    {
        RemoteEndPoint = server,
        DefaultStreamErrorCode = 0x10c,
        DefaultCloseErrorCode = 0x100,
        MaxInboundUnidirectionalStreams = 3,
        ClientAuthenticationOptions = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http3],
            RemoteCertificateValidationCallback = validate,
            ClientCertificates = certificate is null ? null : [certificate],
        },
    }));

    public async ValueTask<ITransportStream> OpenAsync(bool bidirectional) =>
        new QuicTransportStream(await connection.OpenOutboundStreamAsync(bidirectional ? QuicStreamType.Bidirectional : QuicStreamType.Unidirectional));

    public async ValueTask<ITransportStream> AcceptAsync()
    {
        try
        {
            return new QuicTransportStream(await connection.AcceptInboundStreamAsync());
        }
        catch (Exception e) when (e is QuicException or ObjectDisposedException)
        {
            throw new StreamAbortedException((e as QuicException)?.ApplicationErrorCode ?? -1);
        }
    }

    public ValueTask CloseAsync(long code) => connection.CloseAsync(code);

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
