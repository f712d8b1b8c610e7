using System.Net;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>A CONNECT after another request on the same HTTP/1.1 connection: always refused, and the connection closed, since Kestrel has the connection by then.</summary>
internal sealed class LateConnectExchange : TunnelExchange
{
    private readonly HttpContext _context;

    public LateConnectExchange(HttpContext context, TimeProvider time)
        : base(TunnelProtocol.Http1, time)
    {
        _context = context;
        Connection = context.Features.Get<AdmittedConnection>();
        Invalid = new InvalidRequest(StatusCodes.Status400BadRequest, "CONNECT must be the first request of a connection");
    }

    public override IPAddress? Peer => _context.Connection.RemoteIpAddress;

    public override CancellationToken Aborted => _context.RequestAborted;

    protected override ValueTask<TunnelEnd> SendAcceptanceAsync(TunnelAnswer answer) => throw new NotSupportedException();

    protected override ValueTask SendRefusalAsync(TunnelAnswer answer)
    {
        var response = _context.Response;
        response.Write(answer, ServerTimingField);
        response.Headers.Connection = "close";
        return response.CompleteAsync(answer);
    }
}
