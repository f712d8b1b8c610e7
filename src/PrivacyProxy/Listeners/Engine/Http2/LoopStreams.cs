using System.Net;
using PrivacyProxy.Admission;
using PrivacyProxy.Admission.Http2;
using PrivacyProxy.Listeners.KestrelHttp3;
using PrivacyProxy.Listeners.Streams;
using PrivacyProxy.Requests;
using Tunneling.Admission;
using Tunneling.Http2;
using Tunneling.Http2.Frames;
using Tunneling.Http2.Requests;
using Tunneling.Http2.Serving;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine.Http2;

/// <summary>
/// One HTTP/2 connection on a loop: its tunnels are served there, its other requests by the application, and a stranger's are bounded,
/// as <see cref="StrangerStreams"/> does on Kestrel's connections.
/// </summary>
internal sealed class LoopStreams : IHttp2Application, IStrangerStreams
{
    /// <summary>As Kestrel's.</summary>
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(130);

    private readonly Channel _channel;
    private readonly LoopPlace _place;
    private readonly LoopListener _listener;
    private readonly LoopServices _services;
    private readonly Http2Session _session;
    private readonly int _maxFields;
    private ConnectionTimer? _pause;

    /// <param name="channel">The connection, its own from here on.</param>
    /// <param name="place">Its place.</param>
    /// <param name="listener">Where it was accepted.</param>
    /// <param name="services">What serves it.</param>
    public LoopStreams(Channel channel, LoopPlace place, LoopListener listener, LoopServices services)
    {
        (_channel, _place, _listener, _services) = (channel, place, listener, services);
        var (options, admission) = (services.Options.CurrentValue, services.Registry.Limits);
        _maxFields = options.MaxRequestFields;
        var limits = new Http2Limits { MaxFieldListSize = options.MaxRequestHeadSize, MaxStreamsOfStrangers = admission.MaxStrangerRequests, HoldsStrangers = true };
        var timeouts = new Http2Timeouts { Head = options.RequestHeadTimeout, KeepAlive = _keepAlive, Write = options.IdleTimeout, WriteOfStrangers = admission.AnswerTimeout };
        _session = new Http2Session(channel, limits, timeouts, this);
    }

    /// <summary>Its name among connections.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Where the same is served over HTTP/3; null for nowhere.</summary>
    public Http3Alternative? Alternative => _listener.Alternative;

    /// <summary>Where it was accepted.</summary>
    public IPEndPoint Local => (IPEndPoint)_listener.EndPoint;

    public LoopServices Services => _services;

    public LoopPlace Place => _place;

    /// <summary>Begins, with what was read already; on the loop.</summary>
    public void Begin(ReadOnlySpan<byte> first)
    {
        _place.LimitUnsent();
        _place.Changed += OnPlaceChanged;
        _listener.Add(this);
        _session.Start(first);
    }

    /// <summary>Asks the client to go elsewhere with new requests. Any thread.</summary>
    public void BeginDrain() => _channel.Loop.Post(static session => ((Http2Session)session!).BeginDrain(), _session);

    void IHttp2Application.OnRequest(Http2StreamChannel request, RequestHead head)
    {
        if (head.Path.IndexOf("%00"u8) >= 0)
        {
            // No path, as Kestrel has it: whoever is behind could end it there.
            request.Abort(Http2ErrorCode.ProtocolError);
            return;
        }

        request.Weight = head.Weigh();
        if (_place.IsStranger)
        {
            // Who holds too much is closed by this.
            if (!_services.Registry.TryHold(_place, request.Weight)) return;
            if (_services.Registry.Pace(_place, 1 + RequestLimits.CostOf(request.Weight)) is { Ticks: > 0 } wait) Pause(wait);
            if (_services.Registry.HasStayedLong(_place)) _session.BeginDrain();
        }

        var invalid = head.List.Count > _maxFields ? new InvalidRequest(StatusCodes.Status431RequestHeaderFieldsTooLarge, "too many fields") : (InvalidRequest?)null;
        if (head.IsConnect || invalid is not null) _ = _services.Handler.HandleAsync(new LoopStreamExchange(request, this, head, invalid));
        else new StreamRequest(request, this, head).Begin();
    }

    void IHttp2Application.OnEnded(Http2StreamChannel request) => _services.Registry.Release(_place, request.Weight);

    void IHttp2Application.OnReceived(Http2Session session, int count) => _services.Registry.Received(_place, count);

    void IHttp2Application.OnClosed(Http2Session session)
    {
        _pause?.Stop();
        _listener.Remove(this);
        _place.Leave(
            session.WasUnread ? ShedReason.Unread
            : session.Connection.Failure == Http2ErrorCode.EnhanceYourCalm ? ShedReason.Flood
            : ShedReason.None);
    }

    /// <summary>It was weighed when it was read.</summary>
    bool IStrangerStreams.Weighs(int stream, long bytes) => true;

    /// <summary>The session resets those that wait too long.</summary>
    void IStrangerStreams.Answered(int stream)
    {
    }

    private void OnPlaceChanged()
    {
        if (!_place.IsStranger) _channel.Loop.Post(static session => ((Http2Session)session!).Authenticated(), _session);
    }

    /// <summary>No more of its requests are read for a while, where there were many or large ones.</summary>
    private void Pause(TimeSpan wait)
    {
        _pause?.Stop();
        _pause = new ConnectionTimer(_channel.Loop, _services.Time, static session => ((Http2Session)session!).Release(), _session);
        _pause.Start(wait);
        _session.Hold();
    }
}
