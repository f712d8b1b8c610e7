using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using MsQuic;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Listeners.KestrelHttp3.Requests;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>The place of a QUIC connection in the registry. It has no descriptor of its own, but a stranger's is memory all the same; a feature of its requests.</summary>
internal sealed class QuicPlace(MultiplexedConnectionContext connection) : AdmittedConnection
{
    protected internal override void Shed(ShedReason reason) =>
        connection.Abort(new ConnectionAbortedException($"Closed to make room, or for what it did: {reason}."));

    /// <summary>Connection middleware: serves it while it has a place.</summary>
    public static async Task ServeAsync(MultiplexedConnectionContext connection, ConnectionRegistry registry, Func<QuicConnection, HttpDatagrams> datagrams, RequestServices services, MultiplexedConnectionDelegate next)
    {
        var place = new QuicPlace(connection);
        if (!registry.TryAdmit(place))
        {
            connection.Abort(new ConnectionAbortedException("There is no place for it."));
            return;
        }

        HttpDatagrams? ofConnection = null;
        RequestStreams? requests = null;
        if (connection is QuicServerConnection own)
        {
            var quic = own.Features.GetRequiredFeature<QuicConnection>();
            ofConnection = datagrams(quic);
            quic.DatagramHandler = ofConnection.Receive;
            requests = new RequestStreams(own, place, ofConnection, services);
        }

        try
        {
            await next(new TunnelingConnection(connection, place, registry, ofConnection, requests));
        }
        finally
        {
            if (requests is not null) await requests.DisposeAsync();
            registry.Leave(place);
        }
    }
}
