using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners;

/// <summary>A CONNECT on a stream of HTTP/2 or HTTP/3.</summary>
internal sealed class StreamExchange : TunnelExchange
{
    private readonly HttpContext _context;

    public StreamExchange(HttpContext context, TunnelProtocol protocol, TimeProvider time)
        : base(protocol, time)
    {
        _context = context;
        TraceParent = context.Request.Headers.TraceParent;
        Invalid = Check(context, out var target);
        Request = target is null ? null : new TunnelRequest
        {
            Protocol = protocol,
            Kind = TunnelKind.Connect,
            Target = target,
            Credentials = new TunnelCredentials(context.Request.Headers.ProxyAuthorization, context.Request.Headers.Authorization),
            Geohash = context.Request.Headers["sec-ch-geohash"],
            ReceivedAt = ReceivedAt,
        };
    }

    public override IPAddress? Peer => _context.Connection.RemoteIpAddress;

    public override CancellationToken Aborted => _context.RequestAborted;

    protected override async ValueTask<TunnelClient> SendAcceptanceAsync(TunnelAnswer answer)
    {
        LiftLimits();
        WriteHead(answer);
        await _context.Response.StartAsync();
        await _context.Response.BodyWriter.FlushAsync();
        return new StreamClient(_context, Protocol);
    }

    protected override async ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        WriteHead(answer);
        _context.Response.ContentLength = 0;
        await _context.Response.CompleteAsync();
    }

    private static InvalidRequest? Check(HttpContext context, out TunnelTarget? target)
    {
        target = null;
        // Extended CONNECT (RFC 8441, 9220) has a path; its protocols are not served yet.
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } || context.Request.Path.HasValue)
            return new InvalidRequest(StatusCodes.Status501NotImplemented, "unknown :protocol");
        var error = TunnelTargetParser.TryParse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out target);
        return error == TunnelTargetError.None ? null : InvalidRequest.Of(error);
    }

    /// <summary>A tunnel has no size, and its rates are the business of its two ends.</summary>
    private void LiftLimits()
    {
        if (_context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (_context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }

    private void WriteHead(TunnelAnswer answer)
    {
        var response = _context.Response;
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers.Append(ServerTimingField)) response.Headers.Append(name, value);
    }
}
