using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace PrivacyProxy.Listeners.Inherited;

/// <summary>Kestrel's own transport on sockets that are handed over; it lets go of them as soon as the proxy is told to stop.</summary>
internal sealed class InheritedTransport(IServiceProvider services, IHostApplicationLifetime lifetime) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is InheritedEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        // It opens the socket by SocketTransportOptions.CreateBoundListenSocket.
        var sockets = services.GetServices<IConnectionListenerFactory>().OfType<SocketTransportFactory>().Last();
        return new Listener(await sockets.BindAsync(endpoint, cancellationToken), lifetime.ApplicationStopping);
    }

    private sealed class Listener : IConnectionListener
    {
        private readonly IConnectionListener _inner;
        private readonly CancellationTokenRegistration _stopping;

        public Listener(IConnectionListener inner, CancellationToken stopping)
        {
            _inner = inner;
            // What connects from now on is the next process's.
            _stopping = stopping.UnsafeRegister(static listener => _ = ((IConnectionListener)listener!).UnbindAsync().AsTask(), inner);
        }

        public EndPoint EndPoint => _inner.EndPoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => _inner.AcceptAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => _inner.UnbindAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await _stopping.DisposeAsync();
            await _inner.DisposeAsync();
        }
    }
}
