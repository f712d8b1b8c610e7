using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.Streams;

/// <summary>A CONNECT, classic or extended, on a stream of Kestrel's HTTP/2 or HTTP/3.</summary>
internal sealed class StreamExchange : TunnelExchange
{
    private readonly HttpContext _context;

    public StreamExchange(HttpContext context, TunnelProtocol protocol, TunnelResources resources, TimeProvider time)
        : base(protocol, time)
    {
        _context = context;
        Connection = context.Features.Get<AdmittedConnection>();
        TraceParent = context.Request.Headers.TraceParent;
        Invalid = Check(context, resources, out var kind, out var target);
        Request = Invalid is null ? context.Read(kind, target!) : null;
        if (Request?.Kind != TunnelKind.ConnectUdp) context.Features.Get<DatagramFlow>()?.Refuse();
    }

    public override IPAddress? Peer => _context.Connection.RemoteIpAddress;

    public override PeerCertificate? Certificate => PeerCertificate.Of(_context.Connection.ClientCertificate);

    public override CancellationToken Aborted => _context.RequestAborted;

    protected override async ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer)
    {
        LiftLimits();
        _context.Response.Write(answer, ServerTimingField);
        // Kestrel knows extended CONNECT on HTTP/2 alone, and there gives the stream only this way.
        if (_context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
            return new DuplexClient(await connect.AcceptAsync(), Reset);
        await _context.Response.StartAsync();
        await _context.Response.BodyWriter.FlushAsync();
        return new StreamClient(_context, Protocol);
    }

    protected override ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        _context.Response.Write(answer, ServerTimingField);
        return _context.Response.CompleteAsync(answer);
    }

    /// <summary>Extended CONNECT (RFC 8441, 9220) has a path, classic CONNECT has none.</summary>
    private static InvalidRequest? Check(HttpContext context, TunnelResources resources, out TunnelKind kind, out TunnelTarget? target)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } || context.Request.Path.HasValue)
        {
            var invalid = TemplatedRequests.ReadConnect(context, resources, out var match);
            (kind, target) = (match?.Kind ?? default, match?.Target);
            return invalid;
        }

        kind = TunnelKind.Connect;
        var error = TunnelTargetParser.TryParse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out target);
        return error == TunnelTargetError.None ? null : InvalidRequest.Of(error);
    }

    private void Reset(bool isMalformed) =>
        _context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(isMalformed ? StreamErrors.Malformed(Protocol) : StreamErrors.Connect(Protocol));

    /// <summary>A tunnel has no size, and its rates are the business of its two ends.</summary>
    private void LiftLimits()
    {
        if (_context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (_context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }
}
