using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>A connection of Kestrel's socket transport that has a place in the registry until its socket is closed.</summary>
internal sealed class AdmittedConnectionContext : ConnectionContext, IConnectionTransportFeature, IConnectionCutFeature
{
    /// <summary>How long the last bytes to a client that had a tunnel may take.</summary>
    private static readonly TimeSpan _longestEnd = TimeSpan.FromSeconds(30);

    private readonly ConnectionContext _inner;
    private readonly SocketPlace _place;
    private readonly ConnectionRegistry _registry;

    public AdmittedConnectionContext(ConnectionContext inner, SocketPlace place, ConnectionRegistry registry, ConnectionMemoryPool pool)
    {
        (_inner, _place, _registry) = (inner, place, registry);
        Transport = new WatchedTransport(inner.Transport, place, registry);
        inner.Features.Set<AdmittedConnection>(place);
        inner.Features.Set(registry);
        inner.Features.Set<IMemoryPoolFeature>(pool);
        // Else who asks for the connection's pipes gets the socket's, behind the back of TLS.
        inner.Features.Set<IConnectionTransportFeature>(this);
        inner.Features.Set<IConnectionCutFeature>(this);
    }

    public override IDuplexPipe Transport { get; set; }

    public bool SendsBeforeAbort { get; set; }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override void Abort() => _inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        // The transport's abort drops what its sender has not taken yet; its sender ends the connection once it has sent all.
        if (SendsBeforeAbort) _inner.Transport.Output.Complete();
        else _inner.Abort(abortReason);
    }

    /// <summary>Waits until what was written has been sent: for a stranger that does not read, no longer than it has for any answer.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_place.IsStranger) _place.WriteWaits();
        var disposing = _inner.DisposeAsync().AsTask();
        try
        {
            await disposing.WaitAsync(_longestEnd);
        }
        catch (TimeoutException)
        {
            _registry.TryShed(_place, ShedReason.Unread);
            await disposing;
        }

        _registry.Leave(_place);
        await base.DisposeAsync();
    }
}
