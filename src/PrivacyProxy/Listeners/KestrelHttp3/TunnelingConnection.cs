using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>
/// An HTTP/3 connection fit for tunnels: its SETTINGS say that extended CONNECT is served, and its requests' streams write in large pieces.
/// The first stream that Kestrel opens is its control stream.
/// </summary>
internal sealed class TunnelingConnection(MultiplexedConnectionContext connection, AdmittedConnection place, ConnectionRegistry registry) : MultiplexedConnectionContext
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
        var stream = await connection.AcceptAsync(cancellationToken);
        if (stream is null) return null;
        stream.Transport = new OutputPipe(stream.Transport.Input, new LargeSegmentWriter(stream.Transport.Output));
        // A request has the features of its stream, not of its connection.
        stream.Features.Set(place);
        stream.Features.Set(registry);
        return stream;
    }

    public override async ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        var stream = await connection.ConnectAsync(features, cancellationToken);
        if (Interlocked.Increment(ref _opened) == 1) stream.Transport = new OutputPipe(stream.Transport.Input, new ControlStreamWriter(stream.Transport.Output));
        return stream;
    }

    public override void Abort() => connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);
}
