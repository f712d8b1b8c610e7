using System.Net;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>Opens UDP to loopback, whatever the name; or answers with an error.</summary>
internal sealed class FakeUdpEgress : IUdpEgress
{
    public List<EgressRequest> Seen { get; } = [];

    public ProxyStatusError Error { get; set; }

    public ValueTask<EgressConnection> OpenAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        lock (Seen) Seen.Add(request);
        return ValueTask.FromResult(Error == ProxyStatusError.None
            ? new EgressConnection(UdpDialer.Dial(new IPEndPoint(IPAddress.Loopback, request.Target.Port), source: null).Socket, ProxyStatusError.None)
            : EgressConnection.Failed(Error));
    }
}
