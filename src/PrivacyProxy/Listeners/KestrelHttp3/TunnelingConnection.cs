using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Listeners.KestrelHttp3.Requests;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>
/// An HTTP/3 connection fit for tunnels: its SETTINGS say that extended CONNECT is served, and where the transport is our own, tunnels and
/// HTTP Datagrams pass Kestrel by. On another its requests' streams write in large pieces. The first stream that Kestrel opens is its control stream.
/// </summary>
/// <param name="connection">The transport's.</param>
/// <param name="place">Its place in the registry.</param>
/// <param name="registry">Which that is.</param>
/// <param name="datagrams">Null where the transport has none.</param>
/// <param name="requests">Takes the tunnels out; null where the transport is another.</param>
internal sealed class TunnelingConnection(MultiplexedConnectionContext connection, AdmittedConnection place, ConnectionRegistry registry, HttpDatagrams? datagrams = null, RequestStreams? requests = null) : MultiplexedConnectionContext
{
    private int _opened;

    public override string ConnectionId
    {
        get => connection.ConnectionId;
        set => connection.ConnectionId = value;
    }

    public override IFeatureCollection Features => connection.Features;

    public override IDictionary<object, object?> Items
    {
        get => connection.Items;
        set => connection.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => connection.ConnectionClosed;
        set => connection.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => connection.LocalEndPoint;
        set => connection.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => connection.RemoteEndPoint;
        set => connection.RemoteEndPoint = value;
    }

    public override async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        var stream = requests is null ? await connection.AcceptAsync(cancellationToken) : await requests.AcceptAsync(cancellationToken);
        if (stream is null or HeldRequest) return stream;
        var isRequest = stream.Features.GetRequiredFeature<IStreamDirectionFeature>().CanWrite;
        // Our own transport's writer has large segments of its own.
        if (stream is not QuicServerStream) stream.Transport = new OutputPipe(stream.Transport.Input, new LargeSegmentWriter(stream.Transport.Output));
        if (datagrams is not null && !isRequest) stream.Transport = new OutputPipe(new ClientSettingsReader(stream.Transport.Input, datagrams), stream.Transport.Output);
        // A request has the features of its stream, not of its connection.
        stream.Features.Set(place);
        stream.Features.Set(registry);
        // What the client has shown in its handshake.
        if (connection.Features.Get<ITlsConnectionFeature>() is { } tls) stream.Features.Set(tls);
        return stream;
    }

    public override async ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        var stream = await connection.ConnectAsync(features, cancellationToken);
        if (Interlocked.Increment(ref _opened) == 1) stream.Transport = new OutputPipe(stream.Transport.Input, new ControlStreamWriter(stream.Transport.Output, datagrams is not null));
        return stream;
    }

    public override void Abort() => connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);
}
