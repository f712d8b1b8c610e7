using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>The policy of <see cref="TcpEgress"/> for UDP: the first permitted address that there is a way to is taken, and the others are given for when it does not answer.</summary>
internal sealed class UdpEgress(TargetLookup lookup, IOptions<EgressOptions> options) : IUdpEgress
{
    public async ValueTask<EgressConnection> OpenAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        var target = request.Target;
        if (!lookup.Permits(target, out var allowed)) return EgressConnection.Failed(ProxyStatusError.HttpRequestDenied);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.ConnectTimeout);
        try
        {
            var pool = lookup.PoolFor(request);
            return Open(await lookup.FindAsync(request, pool, allowed, limit.Token), pool, target.Port);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EgressConnection.Failed(ProxyStatusError.DnsTimeout);
        }
    }

    private static EgressConnection Open(TargetAddresses addresses, SourcePool pool, int port)
    {
        var (error, rcode) = addresses.Failure;
        if (Dial(addresses, pool, port, ref error) is not { } socket) return EgressConnection.Failed(error, error == addresses.Failure.Error ? rcode : null);
        // A lookup that is still under way may bring more.
        return new EgressConnection(socket, ProxyStatusError.None) { Next = addresses.HasNext || addresses.IsPending ? Next : null };

        Socket? Next()
        {
            addresses.Collect();
            var ignored = ProxyStatusError.None;
            return Dial(addresses, pool, port, ref ignored);
        }
    }

    private static Socket? Dial(TargetAddresses addresses, SourcePool pool, int port, ref ProxyStatusError error)
    {
        while (addresses.TryTake(out var address))
        {
            var result = UdpDialer.Dial(new(address, port), pool.Pick(address.AddressFamily));
            if (result.Socket is not null) return result.Socket;
            error = result.Error;
        }

        return null;
    }
}
