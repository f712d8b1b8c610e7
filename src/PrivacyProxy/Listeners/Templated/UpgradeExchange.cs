using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>A templated tunnel over HTTP/1.1: GET with Upgrade, answered with 101. A refusal is an answer like any other, after which the connection goes on.</summary>
internal sealed class UpgradeExchange : TunnelExchange
{
    private static readonly byte[] _continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    private readonly HttpContext _context;
    private readonly TunnelKind _kind;
    private bool _hasContinued;

    public UpgradeExchange(HttpContext context, TunnelResourceMatch match, TimeProvider time)
        : base(TunnelProtocol.Http1, time)
    {
        _context = context;
        Connection = context.Features.Get<AdmittedConnection>();
        _kind = match.Kind;
        TraceParent = context.Request.Headers.TraceParent;
        Invalid = TemplatedRequests.ReadUpgrade(context, match);
        Request = Invalid is not null ? null : context.Read(match.Kind, match.Target!);
    }

    public override IPAddress? Peer => _context.Connection.RemoteIpAddress;

    public override PeerCertificate? Certificate => PeerCertificate.Of(_context.Connection.ClientCertificate);

    public override CancellationToken Aborted => _context.RequestAborted;

    public override int AcceptedStatus => StatusCodes.Status101SwitchingProtocols;

    /// <summary>
    /// Kestrel sends interim responses only to who reads content, and an upgrade has none. The connection's own output is free between
    /// responses, and the answer comes after what is written there.
    /// </summary>
    public override async ValueTask ContinueAsync()
    {
        if (!string.Equals(_context.Request.Headers.Expect, "100-continue", StringComparison.OrdinalIgnoreCase)) return;
        _hasContinued = true;
        await _context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output.WriteAsync(_continue);
    }

    protected override async ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer)
    {
        _context.Response.Write(answer, ServerTimingField);
        _context.Response.Headers.Upgrade = TunnelResources.TokenOf(_kind);
        // Sets status and Connection.
        var stream = await _context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        return new DuplexClient(stream, _ => _context.Abort(), _context.Features.Get<IConnectionSocketFeature>()?.Socket);
    }

    protected override ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        var response = _context.Response;
        response.Write(answer, ServerTimingField);
        if (answer.Status == StatusCodes.Status426UpgradeRequired)
        {
            response.Headers.Upgrade = TunnelResources.TokenOf(_kind);
            // Upgrade goes with Connection (RFC 9110, section 7.8), and Kestrel closes unless that also says otherwise.
            response.Headers.Connection = "Upgrade, keep-alive";
        }

        // Told to go on, the client may have sent bytes of the tunnel: nobody must read them as a request (RFC 9931).
        if (_hasContinued) response.Headers.Connection = "close";
        if (answer.Status == StatusCodes.Status405MethodNotAllowed) response.Headers.Allow = HttpMethods.Get;
        return response.CompleteAsync(answer);
    }
}
