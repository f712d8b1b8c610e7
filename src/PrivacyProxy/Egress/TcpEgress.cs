using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Egress;

/// <summary>First light: the system resolver, the policy, one address after the other.</summary>
internal sealed class TcpEgress(EgressPolicy policy, IOptions<EgressOptions> options) : IEgress
{
    public async ValueTask<EgressConnection> ConnectAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        if (!policy.PermitsPort(request.Target.Port)) return EgressConnection.Failed(ProxyStatusError.HttpRequestDenied);
        IPAddress[] addresses;
        try
        {
            addresses = request.Target.Address is { } literal ? [literal] : await Dns.GetHostAddressesAsync(request.Target.Host, cancellationToken);
        }
        catch (SocketException)
        {
            return EgressConnection.Failed(ProxyStatusError.DnsError);
        }

        var error = ProxyStatusError.DestinationIpProhibited;
        foreach (var address in addresses)
        {
            if (!policy.Permits(address)) continue;
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                timeout.CancelAfter(options.Value.ConnectTimeout);
                await socket.ConnectAsync(new IPEndPoint(address, request.Target.Port), timeout.Token);
                return new EgressConnection(socket, ProxyStatusError.None);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                error = e.SocketErrorCode == SocketError.ConnectionRefused ? ProxyStatusError.ConnectionRefused : ProxyStatusError.DestinationIpUnroutable;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                socket.Dispose();
                error = ProxyStatusError.ConnectionTimeout;
            }
        }

        return EgressConnection.Failed(error);
    }
}
