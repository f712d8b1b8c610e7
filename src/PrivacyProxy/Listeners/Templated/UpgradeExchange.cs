using System.Net;
using Microsoft.AspNetCore.Http.Features;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>A templated tunnel over HTTP/1.1: GET with Upgrade, answered with 101. A refusal is an answer like any other, after which the connection goes on.</summary>
internal sealed class UpgradeExchange : TunnelExchange
{
    private readonly HttpContext _context;
    private readonly TunnelKind _kind;

    public UpgradeExchange(HttpContext context, TunnelResourceMatch match, TimeProvider time)
        : base(TunnelProtocol.Http1, time)
    {
        _context = context;
        _kind = match.Kind;
        TraceParent = context.Request.Headers.TraceParent;
        Invalid = TemplatedRequests.ReadUpgrade(context, match);
        Request = Invalid is not null ? null : context.Read(TunnelProtocol.Http1, match.Kind, match.Target!, ReceivedAt);
    }

    public override IPAddress? Peer => _context.Connection.RemoteIpAddress;

    public override CancellationToken Aborted => _context.RequestAborted;

    public override int AcceptedStatus => StatusCodes.Status101SwitchingProtocols;

    protected override async ValueTask<TunnelClient> SendAcceptanceAsync(TunnelAnswer answer)
    {
        _context.Response.Write(answer, ServerTimingField);
        _context.Response.Headers.Upgrade = TunnelResources.TokenOf(_kind);
        // Sets status and Connection.
        var stream = await _context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        return new DuplexClient(stream, _ => _context.Abort());
    }

    protected override async ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        var response = _context.Response;
        response.Write(answer, ServerTimingField);
        if (answer.Status == StatusCodes.Status426UpgradeRequired) response.Headers.Upgrade = TunnelResources.TokenOf(_kind);
        if (answer.Status == StatusCodes.Status405MethodNotAllowed) response.Headers.Allow = HttpMethods.Get;
        response.ContentLength = 0;
        await response.CompleteAsync();
    }
}
