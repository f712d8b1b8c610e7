using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using PrivacyProxy.Admission.Sockets;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Http2;

/// <summary>
/// Watches the frames of an HTTP/2 connection while it is a stranger's: how many of its requests wait for an answer or for its end to be
/// written (then no more are read), what they hold, and frames that do nothing. Kestrel has the stream limit and the windows of tunnels for everybody, and forgets a
/// connection's streams once two thousand answers wait. From the first accepted credential on everything passes through.
/// </summary>
internal sealed class StrangerStreams : IDuplexPipe, IStrangerStreams
{
    /// <summary>What a request with nothing in it holds, bytes.</summary>
    private const int BareRequest = 4 * 1024;

    /// <summary>Frames that open no stream and carry nothing; a client that is polite sends a handful.</summary>
    private const int MaxIdleFrames = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _open = [];
    private readonly HashSet<int> _answered = [];
    private readonly ReadGate _reading = new();
    private readonly AdmittedConnection _connection;
    private readonly ConnectionRegistry _registry;
    private int _highest;
    private int _idleFrames;
    private bool _isPaused;

    private StrangerStreams(IDuplexPipe inner, AdmittedConnection connection, ConnectionRegistry registry)
    {
        (_connection, _registry) = (connection, registry);
        Input = new FrameReader(inner.Input, this, _reading);
        Output = new FrameWriter(inner.Output, this);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public bool Watches => _connection.IsStranger;

    /// <summary>To be called where its frames are in the clear, before Kestrel takes the connection.</summary>
    public static void Watch(ConnectionContext connection)
    {
        if (connection.Features.Get<AdmittedConnection>() is not { } admitted || connection.Features.Get<ConnectionRegistry>() is not { } registry) return;
        var streams = new StrangerStreams(connection.Transport, admitted, registry);
        connection.Transport = streams;
        connection.Features.Set<IStrangerStreams>(streams);
        if (admitted is WatchedPlace place) place.Changed += streams._reading.Open;
    }

    /// <summary>Connection middleware, after TLS: the same for those that chose HTTP/2.</summary>
    public static ConnectionDelegate WatchChosen(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is { } chosen && chosen.ApplicationProtocol.Span.SequenceEqual("h2"u8)) Watch(connection);
        return next(connection);
    };

    public bool Weighs(int stream, long bytes)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(stream, out var held)) return true;
            _open[stream] = held + bytes;
        }

        if (RequestLimits.CostOf(bytes) is > 0 and var cost) Pace(cost);

        return _registry.TryHold(_connection, bytes);
    }

    public void Answered(int stream)
    {
        lock (_gate)
        {
            if (!_open.ContainsKey(stream)) return;
            _answered.Add(stream);
            if (_answered.Count == 1) _connection.AnswerWaits();
        }
    }

    /// <summary>A frame of the client's.</summary>
    public void Received(in FrameHeader frame)
    {
        if (frame.Type == FrameType.Headers && frame.Stream > _highest)
        {
            _highest = frame.Stream;
            lock (_gate)
            {
                _open[frame.Stream] = BareRequest;
                // More than, since the last one may not be whole yet.
                if (_open.Count > _registry.Limits.MaxStrangerRequests) _reading.Close();
            }

            _registry.TryHold(_connection, BareRequest);
            Pace(1);
            return;
        }

        if (frame.Type == FrameType.RstStream) End(frame.Stream);
        if (frame is { Type: FrameType.Data, Length: > 0 }) return;
        if (++_idleFrames > MaxIdleFrames) _registry.TryShed(_connection, ShedReason.Flood);
    }

    /// <summary>A frame of ours.</summary>
    public void Sent(in FrameHeader frame)
    {
        if (frame.EndsStream) End(frame.Stream);
    }

    /// <summary>No more of its requests are read for a while, where there were many or large ones.</summary>
    private void Pace(double cost)
    {
        var wait = _registry.Pace(_connection, cost);
        if (wait <= TimeSpan.Zero) return;
        lock (_gate)
        {
            if (_isPaused) return;
            _isPaused = true;
            _reading.Close();
        }

        _ = EndPauseAsync(wait);
    }

    private async Task EndPauseAsync(TimeSpan wait)
    {
        await Task.Delay(wait, _registry.Time);
        lock (_gate)
        {
            _isPaused = false;
            OpenWhereDue();
        }
    }

    private void OpenWhereDue()
    {
        if (!_isPaused && _open.Count <= _registry.Limits.MaxStrangerRequests) _reading.Open();
    }

    private void End(int stream)
    {
        long held;
        lock (_gate)
        {
            if (!_open.Remove(stream, out held)) return;
            if (_answered.Remove(stream) && _answered.Count == 0) _connection.AnswerDone();
            OpenWhereDue();
        }

        _registry.Release(_connection, held);
    }
}
