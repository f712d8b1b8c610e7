using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using PrivacyProxy.Admission;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;
using PrivacyProxy.Listeners.KestrelHttp3.Quic;
using PrivacyProxy.Listeners.Streams;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.KestrelHttp3.Requests;

/// <summary>
/// The streams that the client of one QUIC connection opens: those that begin with CONNECT are served here, and Kestrel never sees them; all
/// others are Kestrel's from their first byte. What cannot be read is Kestrel's to refuse.
/// </summary>
/// <param name="connection">The transport's.</param>
/// <param name="place">Its place in the registry.</param>
/// <param name="datagrams">Its HTTP Datagrams.</param>
/// <param name="services">What tunnels use.</param>
internal sealed class RequestStreams(QuicServerConnection connection, QuicPlace place, HttpDatagrams datagrams, RequestServices services) : IAsyncDisposable
{
    private const long RequestRejected = 0x10b, ExcessiveLoad = 0x107;

    /// <summary>How long a connection without tunnels is kept from Kestrel, which then counts how long it is idle.</summary>
    private static readonly TimeSpan _hold = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Channel<ConnectionContext> _others = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConnectionLoop _loop = new(services.Loops);
    private Task? _accepting;
    private ITimer? _holdTimer;
    private HeldRequest? _held;
    private int _running = 1; // one for those that may still come
    private volatile bool _isDraining;

    public QuicPlace Place => place;

    public RequestServices Services => services;

    /// <summary>What the client has shown in its handshake; null for nothing.</summary>
    public PeerCertificate? Certificate { get; } = PeerCertificate.Of(connection.ClientCertificate);

    /// <summary>Ends the connection with a code, for what the client did.</summary>
    public Action<long> Break { get; } = connection.Break;

    /// <summary>The next stream for Kestrel; null when it has canceled the wait, as it does when the connection is to end.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken)
    {
        _accepting ??= AcceptAllAsync();
        try
        {
            return await _others.Reader.ReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            BeginDrain();
            return null;
        }
        catch (ChannelClosedException e) when (e.InnerException is { } reason)
        {
            ExceptionDispatchInfo.Throw(reason);
            throw;
        }
    }

    /// <summary>Kestrel has done with the connection: waits for the tunnels, which end with it.</summary>
    public async ValueTask DisposeAsync()
    {
        BeginDrain();
        await _stopping.CancelAsync();
        if (_accepting is not null) await _accepting;
        // Those that Kestrel has not come to take.
        while (_others.Reader.TryRead(out var other)) await other.DisposeAsync();
        EndOne();
        await _ended.Task;
        if (_holdTimer is not null) await _holdTimer.DisposeAsync();
        _loop.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (await connection.AcceptAsync(_stopping.Token) is QuicServerStream stream)
            {
                if (stream is { CanRead: true, CanWrite: true }) Take(stream);
                else _others.Writer.TryWrite(stream);
            }

            _others.Writer.TryComplete();
        }
        catch (Exception e)
        {
            // Kestrel ends the connection for it, whatever it was.
            _others.Writer.TryComplete(e);
        }
    }

    private void Take(QuicServerStream request)
    {
        if (_isDraining) Refuse(request, RequestRejected);
        else _ = OpenAsync(request, datagrams.Add(request));
    }

    /// <summary>Waits for the head, which has mostly come with the stream, as long as a client may take for it.</summary>
    private async Task OpenAsync(QuicServerStream request, StreamDatagrams flow)
    {
        var input = request.Stream.Input;
        try
        {
            if (input.TryRead(out var read) && Look(request, flow, read.Buffer, read.IsCompleted) != RequestOpening.Unknown) return;
            using var patience = new CancellationTokenSource(services.Options.CurrentValue.RequestHeadTimeout, services.Time);
            do read = await input.ReadAsync(patience.Token);
            while (Look(request, flow, read.Buffer, read.IsCompleted) == RequestOpening.Unknown);
        }
        catch (OperationCanceledException e) when (e is not ConnectionAbortedException)
        {
            Refuse(request, RequestRejected);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            // The client has given it up, or all of its connection.
            await request.DisposeAsync();
        }
    }

    /// <summary>Looks at what has come, and begins what it is the beginning of.</summary>
    private RequestOpening Look(QuicServerStream request, StreamDatagrams flow, in ReadOnlySequence<byte> read, bool hasEnded)
    {
        var input = request.Stream.Input;
        var opening = RequestOpenings.Find(read, hasEnded, connection.MaxFrame, out var section, out var end);
        switch (opening)
        {
            case RequestOpening.Unknown:
                input.AdvanceTo(end, read.End);
                break;
            case RequestOpening.Head:
                var kind = RequestHeads.Read(section, services.Options.CurrentValue, out var head, out var invalid);
                if (kind == RequestKind.Other)
                {
                    // With its head.
                    input.AdvanceTo(read.Start);
                    PassOn(request, flow);
                    break;
                }

                // The head is another request's once this returns.
                var exchange = kind == RequestKind.Connect ? new RequestExchange(request, flow, this, head, invalid) : null;
                var weight = head.Weigh();
                input.AdvanceTo(end);
                if (exchange is null) Refuse(request, StreamErrors.Malformed(TunnelProtocol.Http3));
                else Begin(request, exchange, weight);
                break;
            case RequestOpening.TooLong:
                input.AdvanceTo(end);
                Refuse(request, ExcessiveLoad);
                break;
            case RequestOpening.Other:
                input.AdvanceTo(end);
                PassOn(request, flow);
                break;
        }

        return opening;
    }

    private void PassOn(QuicServerStream request, StreamDatagrams flow)
    {
        request.Features.Set<Tunnels.Udp.DatagramFlow>(flow);
        _others.Writer.TryWrite(request);
    }

    private static void Refuse(QuicServerStream request, long code)
    {
        request.Abort(code);
        _ = request.DisposeAsync().AsTask();
    }

    private void Begin(QuicServerStream request, RequestExchange exchange, long weight)
    {
        if (!TryBegin(request))
        {
            Refuse(request, RequestRejected);
            return;
        }

        var work = new Serving(this, request, exchange, weight);
        if (exchange.Request?.Kind == TunnelKind.ConnectUdp && _loop.Find() is { } loop) loop.Post(static work => ((Serving)work!).Begin(), work);
        else ThreadPool.UnsafeQueueUserWorkItem(static work => work.Begin(), work, preferLocal: false);
    }

    /// <summary>Counts a request; false when no more are taken.</summary>
    private bool TryBegin(QuicServerStream request)
    {
        lock (_lock)
        {
            if (_isDraining) return false;
            _running++;
            if (_held is not null) return true;
            _held = new HeldRequest(connection, request.StreamId);
            _others.Writer.TryWrite(_held);
            return true;
        }
    }

    /// <summary>As <see cref="RequestLimits"/> does for Kestrel's requests.</summary>
    private async Task ServeAsync(QuicServerStream request, RequestExchange exchange, long weight)
    {
        var isCounted = false;
        try
        {
            if (place.IsStranger)
            {
                if (services.Registry.HasStayedLong(place)) connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
                if (!services.Registry.TryBeginRequest(place, weight))
                {
                    request.Abort(RequestRejected);
                    return;
                }

                isCounted = true;
                if (services.Registry.Pace(place, 1 + RequestLimits.CostOf(weight)) is { Ticks: > 0 } wait) await Task.Delay(wait, services.Time, exchange.Aborted);
            }

            await services.Handler.HandleAsync(exchange);
        }
        catch (OperationCanceledException) when (exchange.Aborted.IsCancellationRequested)
        {
            // It has gone while it waited for its turn.
        }
        finally
        {
            if (isCounted) services.Registry.EndRequest(place, weight);
            await request.DisposeAsync();
            EndOne();
        }
    }

    private void EndOne()
    {
        lock (_lock)
        {
            _running--;
            if (_running == 0) _ended.TrySetResult();
            if (_running > 1 || _held is null) return;
            if (_isDraining)
            {
                Release();
                return;
            }

            _holdTimer ??= services.Time.CreateTimer(static streams => ((RequestStreams)streams!).OnHeldLong(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _holdTimer.Change(_hold, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnHeldLong()
    {
        lock (_lock)
        {
            if (_running <= 1) Release();
        }
    }

    /// <summary>New requests are refused; without tunnels Kestrel has nothing to wait for.</summary>
    private void BeginDrain()
    {
        lock (_lock)
        {
            _isDraining = true;
            if (_running <= 1) Release();
        }
    }

    private void Release()
    {
        _held?.Release();
        _held = null;
    }

    /// <summary>A request on its way to the thread that serves it.</summary>
    private sealed record Serving(RequestStreams Streams, QuicServerStream Request, RequestExchange Exchange, long Weight)
    {
        public void Begin() => _ = Streams.ServeAsync(Request, Exchange, Weight);
    }
}
