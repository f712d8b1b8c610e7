using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using PrivacyProxy.Certificates;
using Tunneling.SslStreams;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>Over TLS: writes go to the SslStream, so its close_notify comes after their last byte; TLS 1.3 lets the client go on sending (RFC 8446, section 6.1).</summary>
internal sealed class TlsHttp1Client(ConnectionContext connection, SslStream tls, SessionTurns turns)
    : Http1Client(connection, new PlaintextInput(connection.Transport.Input, turns))
{
    public TlsHttp1Client(ConnectionContext connection, SslStream tls)
        : this(connection, tls, connection.Features.GetRequiredFeature<SessionTurns>())
    {
    }

    public override int MaxBufferSize => 64 * 1024;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => tls.WriteAsync(bytes);

    public override async ValueTask CompleteAsync() => await turns.ShutdownAsync(tls.ShutdownAsync);
}
