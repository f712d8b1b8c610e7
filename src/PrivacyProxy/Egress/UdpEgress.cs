using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>The policy of <see cref="TcpEgress"/> for UDP: the first permitted address that there is a way to is taken.</summary>
internal sealed class UdpEgress(TargetLookup lookup, IOptions<EgressOptions> options) : IUdpEgress
{
    private readonly TimeSpan _timeout = options.Value.ConnectTimeout;

    public async ValueTask<EgressConnection> OpenAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        var target = request.Target;
        if (!lookup.PermitsPort(target.Port)) return EgressConnection.Failed(ProxyStatusError.HttpRequestDenied);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            var pool = lookup.PoolFor(request);
            return Open(await lookup.FindAsync(request, pool, limit.Token), pool, target.Port);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EgressConnection.Failed(ProxyStatusError.DnsTimeout);
        }
    }

    private static EgressConnection Open(TargetAddresses addresses, SourcePool pool, int port)
    {
        var (error, rcode) = addresses.Failure;
        while (addresses.TryTake(out var address))
        {
            var result = UdpDialer.Dial(new(address, port), pool.Pick(address.AddressFamily));
            if (result.Socket is not null) return new EgressConnection(result.Socket, ProxyStatusError.None);
            (error, rcode) = (result.Error, null);
        }

        return EgressConnection.Failed(error, rcode);
    }
}
