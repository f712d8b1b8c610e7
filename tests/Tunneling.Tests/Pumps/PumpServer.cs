using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tunneling.Loops;
using Tunneling.Native;
using Tunneling.Pumps;
using Tunneling.Tls;
using NativeAddress = Tunneling.Native.SocketAddress;

namespace Tunneling.Tests.Pumps;

/// <summary>Loops that pump every connection to one origin, over real sockets.</summary>
internal sealed class PumpServer : IAcceptHandler, IChannelHandler, IAsyncDisposable
{
    private readonly LoopGroup _loops;
    private readonly Listener _listener;
    private readonly NativeAddress _origin;
    private readonly TlsServerContext? _tls;
    private int _open;

    public PumpServer(IPEndPoint origin, int loops = 2, TlsServerContext? tls = null)
    {
        _tls = tls;
        _origin = NativeAddress.From(origin);
        _loops = new LoopGroup(loops, Failures.Enqueue);
        _listener = Listener.Bind(new IPEndPoint(IPAddress.Loopback, 0), _loops, this);
        _listener.Start();
    }

    public IPEndPoint EndPoint => _listener.EndPoint;

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public ConcurrentQueue<PumpEnding> Endings { get; } = new();

    public ConcurrentBag<PumpTunnel> Tunnels { get; } = [];

    public int Open => Volatile.Read(ref _open);

    public IReadOnlyList<EventLoop> Loops => _loops.Loops;

    public void OnAccepted(EventLoop loop, SocketHandle socket, in NativeAddress peer)
    {
        Interlocked.Increment(ref _open);
        if (_tls is not null)
        {
            var secure = new TlsChannel(loop, socket, peer, _tls) { Handler = this };
            if (secure.Attach() is not 0 and var failed) throw new InvalidOperationException($"cannot watch: {failed}");
            OnReady(secure);
            return;
        }

        var client = new SocketChannel(loop, socket, peer);
        if (client.Attach() is not 0 and var error) throw new InvalidOperationException($"cannot watch: {error}");
        _ = ServeAsync(loop, client);
    }

    public void OnReady(Channel channel)
    {
        var result = ((TlsChannel)channel).Handshake();
        if (result.Status == IoStatus.WouldBlock) return;
        if (result.Status == IoStatus.End)
        {
            channel.Handler = null;
            _ = ServeAsync(channel.Loop, channel);
            return;
        }

        channel.Abort();
        Ended(channel.Loop, PumpEnding.ClientFailed);
    }

    public void OnAcceptPaused(SocketError error) => Failures.Enqueue(new SocketException((int)error));

    public async ValueTask DisposeAsync()
    {
        await _listener.StopAsync();
        _loops.Dispose();
    }

    private async Task ServeAsync(EventLoop loop, Channel client)
    {
        try
        {
            var error = OutgoingChannel.Create(loop, _origin, out var origin);
            if (error == 0) error = await origin!.ConnectAsync();
            if (error != 0)
            {
                client.Abort();
                Ended(loop, PumpEnding.OriginFailed);
                return;
            }

            Assert.True(loop.IsCurrent);
            var tunnel = new PumpTunnel(this, client, origin!);
            Tunnels.Add(tunnel);
            tunnel.Pump.Start([]);
        }
        catch (Exception e)
        {
            Failures.Enqueue(e);
        }
    }

    private void Ended(EventLoop loop, PumpEnding ending)
    {
        loop.CountConnection(-1);
        Endings.Enqueue(ending);
        Interlocked.Decrement(ref _open);
    }

    internal sealed class PumpTunnel : IPumpObserver
    {
        private readonly PumpServer _server;

        public PumpTunnel(PumpServer server, Channel client, Channel origin)
        {
            (_server, Client) = (server, client);
            Pump = new TunnelPump(client, origin, this);
        }

        public TunnelPump Pump { get; }

        public Channel Client { get; }

        public long Up { get; private set; }

        public long Down { get; private set; }

        public void OnUpload(int bytes) => Up += bytes;

        public void OnDownload(int bytes) => Down += bytes;

        public void OnHalfClosed()
        {
        }

        public void OnEnded(PumpEnding ending) => _server.Ended(Client.Loop, ending);
    }
}
