using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using PrivacyProxy.Admission.Sockets;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Listeners;
using PrivacyProxy.Listeners.Http1;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;
using Yarp.ReverseProxy.Forwarder;

namespace PrivacyProxy.Forwarding;

/// <summary>A plain request: asked for credentials as CONNECT is, then forwarded, by an HTTP client of the proxy and not by the bytes.</summary>
internal sealed class ForwardExchange : TunnelExchange
{
    private static readonly string[] _ofConnections = ["h2c", "HTTP/", "TLS/"];

    private readonly HttpContext _context;
    private readonly PlainRequests _requests;
    private readonly Uri? _uri;
    private Refusal? _refusal;
    private Action<int>? _answered;

    public ForwardExchange(HttpContext context, TunnelProtocol protocol, PlainTarget target, PlainRequests requests)
        : base(protocol, requests.Time)
    {
        (_context, _requests, _uri) = (context, requests, target.Uri);
        Connection = context.Features.Get<AdmittedConnection>();
        TraceParent = context.Request.Headers.TraceParent;
        Invalid = target.Invalid;
        Upgrade = UpgradeOf(context);
        if (Invalid is null) Request = Read(context.Request.Headers, target.Target!);
    }

    public override IPAddress? Peer => _context.Connection.RemoteIpAddress;

    public override PeerCertificate? Certificate => PeerCertificate.Of(_context.Connection.ClientCertificate);

    public override CancellationToken Aborted => _context.RequestAborted;

    public override bool ServesItself => true;

    /// <summary>What the client asks to switch to; null where it asks for nothing that is more than the connection's own.</summary>
    public string? Upgrade { get; }

    public override async Task<Refusal?> ServeAsync(Action<int> answered)
    {
        _answered = answered;
        if (IsLastHop()) return null;
        var origin = new OriginRequest(Request!.Target, Geohash, Country, Trace, _context.Features.Get<IInterimAnswers>() ?? Http1InterimAnswers.Of(_context));
        origin.BeginFlow();
        return await ForwardAsync(origin);
    }

    /// <summary>The origin's answer goes to the client.</summary>
    public void Begin(int status)
    {
        BeginAnswer(status, ProxyStatusError.None);
        _answered!(status);
        var (name, value) = ServerTimingField;
        _context.Response.Headers.Append(name, value);
    }

    /// <summary>The origin's answer does not go to the client.</summary>
    public void RefuseAnswer(ProxyStatusError error, string details) => _refusal = new Refusal(error) { Details = details };

    protected override ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer) => throw new NotSupportedException();

    protected override ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        var response = _context.Response;
        response.Clear();
        response.Write(answer, ServerTimingField);
        // Where content may be left unread, or cannot be told from the next request.
        if (Protocol == TunnelProtocol.Http1 && (Invalid is not null || _context.Request.ContentLength > 0 || _context.Request.Headers.TransferEncoding.Count > 0))
            response.Headers.Connection = "close";
        return response.CompleteAsync(answer);
    }

    /// <summary>Other versions of HTTP, and TLS, are for one connection: an origin that took them would answer whatever follows, unseen.</summary>
    private static string? UpgradeOf(HttpContext context)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }) return null;
        var names = context.Request.Headers.GetCommaSeparatedValues(HeaderNames.Upgrade).Where(static name => !_ofConnections.Any(own => name.StartsWith(own, StringComparison.OrdinalIgnoreCase)));
        return string.Join(", ", names) is { Length: > 0 } asked ? asked : null;
    }

    /// <summary>Authorization is for the origin here.</summary>
    private static TunnelRequest Read(IHeaderDictionary fields, TunnelTarget target) => new()
    {
        Kind = TunnelKind.Http,
        Target = target,
        Credentials = new TunnelCredentials(fields.ProxyAuthorization, default),
        Geohash = fields[GeohashHint.FieldName],
    };

    private async Task<Refusal?> ForwardAsync(OriginRequest origin)
    {
        ForwarderError error;
        // HTTP/1.0 tells a whole answer from one that was cut by the connection's reset only.
        var cut = HttpProtocol.IsHttp11(_context.Request.Protocol) ? _context.Features.Get<IConnectionCutFeature>() : null;
        try
        {
            if (cut is not null) cut.SendsBeforeAbort = true;
            var config = new ForwarderRequestConfig { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = _requests.IdleTimeout };
            var client = _requests.Connections.For(Geohash, Country, mayBeKept: !ForwardedFields.AuthenticateConnection(_context.Request.Headers));
            error = await _requests.Forwarder.SendAsync(_context, "http://origin/", client, config, new ForwardTransformer(this, origin, _uri!), CancellationToken.None);
        }
        finally
        {
            origin.Close();
            // An abort that was asked for has been carried out by now.
            if (cut is not null) cut.SendsBeforeAbort = false;
        }

        if (_refusal is not null) return _refusal;
        if (error == ForwarderError.None) return null;
        Aborted.ThrowIfCancellationRequested();
        var refusal = ForwardErrors.Of(error, _context.Features.Get<IForwarderErrorFeature>()?.Exception);
        if (!IsAnswered) return refusal;
        // The answer broke off: its connection or stream does too, or if nothing of it was sent there is another one.
        if (!_context.Response.HasStarted)
        {
            var (name, value) = ProxyStatus.Field(_requests.Identity.StatusName, refusal.Error);
            _context.Response.Headers.Append(name, value);
        }

        return null;
    }

    /// <summary>OPTIONS may ask for the answer of a proxy on the way (RFC 9110, section 7.6.2).</summary>
    private bool IsLastHop()
    {
        var fields = _context.Request.Headers;
        if (!HttpMethods.IsOptions(_context.Request.Method) || !int.TryParse(fields.MaxForwards, NumberStyles.None, CultureInfo.InvariantCulture, out var hops)) return false;
        if (hops > 0)
        {
            fields.MaxForwards = (hops - 1).ToString(CultureInfo.InvariantCulture);
            return false;
        }

        Begin(StatusCodes.Status200OK);
        _context.Response.Headers.Allow = "CONNECT, GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH";
        _context.Response.ContentLength = 0;
        return true;
    }
}
