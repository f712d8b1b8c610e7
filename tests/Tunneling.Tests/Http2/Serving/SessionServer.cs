using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tunneling.Http2;
using Tunneling.Http2.Requests;
using Tunneling.Http2.Serving;
using Tunneling.Loops;
using Tunneling.Native;
using Tunneling.Pumps;
using NativeAddress = Tunneling.Native.SocketAddress;

namespace Tunneling.Tests.Http2.Serving;

/// <summary>
/// A proxy without authentication on loops, in cleartext: CONNECT goes to a port of loopback; <c>GET /N</c> is answered with N bytes,
/// POST with what was posted.
/// </summary>
internal sealed class SessionServer : IAcceptHandler, IHttp2Application, IAsyncDisposable
{
    private readonly LoopGroup _loops;
    private readonly Listener _listener;
    private readonly Http2Limits _limits;
    private readonly Http2Timeouts _timeouts;

    public SessionServer(Http2Limits? limits = null, Http2Timeouts? timeouts = null, int loops = 1, int port = 0)
    {
        (_limits, _timeouts) = (limits ?? Http2Limits.Default, timeouts ?? Http2Timeouts.Default);
        _loops = new LoopGroup(loops, Failures.Enqueue);
        _listener = Listener.Bind(new IPEndPoint(IPAddress.Loopback, port), _loops, this);
        _listener.Start();
    }

    public IPEndPoint EndPoint => _listener.EndPoint;

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public ConcurrentDictionary<Http2Session, bool> Sessions { get; } = new();

    public ConcurrentQueue<PumpEnding> Endings { get; } = new();

    /// <summary>Whether a tunnel makes its client authenticated.</summary>
    public bool Authenticates { get; set; } = true;

    public void OnAccepted(EventLoop loop, SocketHandle socket, in NativeAddress peer)
    {
        var client = new SocketChannel(loop, socket, peer);
        if (client.Attach() is not 0 and var error) throw new InvalidOperationException($"cannot watch: {error}");
        var session = new Http2Session(client, _limits, _timeouts, this);
        Sessions.TryAdd(session, true);
        session.Start([]);
    }

    public void OnAcceptPaused(SocketError error) => Failures.Enqueue(new SocketException((int)error));

    /// <summary>Takes every request, instead.</summary>
    public Action<Http2StreamChannel>? Serves { get; init; }

    public void OnRequest(Http2StreamChannel request, RequestHead head)
    {
        if (Serves is { } serve)
        {
            serve(request);
        }
        else if (head.IsConnect)
        {
            var authority = Encoding.ASCII.GetString(head.Authority);
            _ = ConnectAsync(request, int.Parse(authority[(authority.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
        }
        else if (head.Method.SequenceEqual("POST"u8))
        {
            request.Respond(200, [], endsStream: false);
            new TunnelPump(request, new Echo(request), new Ignored()).Start([]);
        }
        else
        {
            var length = int.Parse(Encoding.ASCII.GetString(head.Path)[1..], CultureInfo.InvariantCulture);
            request.Respond(200, [new("Content-Length", length.ToString(CultureInfo.InvariantCulture))], endsStream: false);
            var writer = new Writer(request, length);
            request.Handler = writer;
            writer.OnReady(request);
        }
    }

    public void OnClosed(Http2Session session)
    {
        Sessions.TryRemove(session, out _);
        session.Loop.CountConnection(-1);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.StopAsync();
        _loops.Dispose();
    }

    private async Task ConnectAsync(Http2StreamChannel request, int port)
    {
        try
        {
            var error = OutgoingChannel.Create(request.Loop, NativeAddress.From(IPAddress.Loopback, port), out var origin);
            if (error == 0) error = await origin!.ConnectAsync();
            if (error != 0)
            {
                request.Respond(502, [new("proxy-status", "test; error=connection_refused")], endsStream: true);
                request.Close();
                return;
            }

            if (request.IsBroken)
            {
                request.Close();
                origin!.Abort();
                return;
            }

            if (Authenticates) request.Session.Authenticated();
            request.Respond(200, [], endsStream: false);
            new TunnelPump(request, origin!, new Counted(this)).Start([]);
        }
        catch (Exception e)
        {
            Failures.Enqueue(e);
        }
    }

    /// <summary>Writes so many bytes as there is room for them.</summary>
    private sealed class Writer(Http2StreamChannel request, int length) : IChannelHandler
    {
        private int _left = length;

        private static readonly byte[] _bytes = new byte[100_000];

        public void OnReady(Channel channel)
        {
            if (request.IsBroken)
            {
                request.Abort();
                return;
            }

            while (_left > 0 && request.CanWrite)
            {
                var written = request.Write(_bytes.AsSpan(0, Math.Min(_left, _bytes.Length)));
                if (written.Status == IoStatus.Done) _left -= written.Value;
            }

            if (_left == 0) request.Close();
        }
    }

    private sealed class Ignored : IPumpObserver
    {
        public void OnUpload(int bytes)
        {
        }

        public void OnDownload(int bytes)
        {
        }

        public void OnHalfClosed()
        {
        }

        public void OnEnded(PumpEnding ending)
        {
        }
    }

    private sealed class Counted(SessionServer server) : IPumpObserver
    {
        public void OnUpload(int bytes)
        {
        }

        public void OnDownload(int bytes)
        {
        }

        public void OnHalfClosed()
        {
        }

        public void OnEnded(PumpEnding ending) => server.Endings.Enqueue(ending);
    }

    /// <summary>An origin that gives back what it gets: at most 64 KiB wait.</summary>
    private sealed class Echo(Channel client) : Channel(client.Loop)
    {
        private readonly Queue<byte[]> _bytes = new();
        private int _count;
        private bool _hasEnded;
        private bool _canWrite = true;

        public override bool CanRead => _count > 0 || _hasEnded;

        public override bool CanWrite => _canWrite;

        public override bool MayHaveEnded => _hasEnded;

        public override bool IsBroken => false;

        public override NativeAddress Peer => default;

        public override IoResult Read(Span<byte> bytes)
        {
            if (_count == 0) return _hasEnded ? IoResult.End : IoResult.WouldBlock;
            var first = _bytes.Peek();
            if (first.Length > bytes.Length) throw new InvalidOperationException("The pump reads in larger pieces.");
            _bytes.Dequeue().CopyTo(bytes);
            _count -= first.Length;
            if (!_canWrite) Tell();
            return IoResult.Done(first.Length);
        }

        public override IoResult Write(ReadOnlySpan<byte> bytes)
        {
            var room = Math.Min(Math.Min(65_536 - _count, 16_000), bytes.Length);
            _canWrite = room == bytes.Length;
            if (room <= 0) return IoResult.WouldBlock;
            _bytes.Enqueue(bytes[..room].ToArray());
            _count += room;
            Tell();
            return IoResult.Done(room);
        }

        public override IoResult ShutdownWrite()
        {
            _hasEnded = true;
            Tell();
            return IoResult.End;
        }

        public override void Close() => IsClosed = true;

        public override void Abort() => IsClosed = true;

        internal override void OnEvents(EpollEvents events)
        {
        }

        private void Tell() => Loop.Post(
            _ =>
            {
                _canWrite = true;
                Handler?.OnReady(this);
            },
            null);
    }
}
