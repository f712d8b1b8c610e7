using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Egress.Resolution;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>From a request to the addresses that may be dialled for it; the same for TCP and UDP.</summary>
internal sealed class TargetLookup(EgressPolicy policy, IResolver resolver, SourcePools pools, IOptions<EgressOptions> options)
{
    private TimeSpan ResolutionDelay => options.Value.ResolutionDelay;

    /// <summary>Whether the target may be asked for, and to which of its addresses.</summary>
    public bool Permits(TunnelTarget target, out AllowedAddresses allowed) => policy.Permits(target, out allowed);

    /// <summary>Where to dial from.</summary>
    public SourcePool PoolFor(EgressRequest request) => pools.Choose(request.Geohash, request.Country);

    /// <summary>The addresses known when there is something to dial; more may follow.</summary>
    /// <exception cref="OperationCanceledException">Resolving took too long.</exception>
    public async ValueTask<TargetAddresses> FindAsync(EgressRequest request, SourcePool pool, AllowedAddresses allowed, CancellationToken cancellationToken)
    {
        var addresses = new TargetAddresses(policy, pool, allowed);
        if (request.Target.Address is { } literal) addresses.Add(literal);
        else await ResolveAsync(addresses, request.Target.Host, request.Trace, cancellationToken);
        return addresses;
    }

    private async ValueTask ResolveAsync(TargetAddresses addresses, string host, RequestTrace? trace, CancellationToken cancellationToken)
    {
        trace?.Begin(TracePhase.Resolve);
        var resolving = addresses.ResolveAsync(resolver, host, ResolutionDelay, cancellationToken);
        var isKnown = resolving.IsCompletedSuccessfully;
        await resolving;
        trace?.EndResolve(isKnown);
    }
}
