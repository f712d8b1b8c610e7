using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Egress.Resolution;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>From a request to the addresses that may be dialled for it; the same for TCP and UDP.</summary>
internal sealed class TargetLookup(EgressPolicy policy, IResolver resolver, SourcePools pools, IOptions<EgressOptions> options)
{
    private TimeSpan ResolutionDelay => options.Value.ResolutionDelay;

    public bool PermitsPort(int port) => policy.PermitsPort(port);

    /// <summary>Where to dial from.</summary>
    public SourcePool PoolFor(EgressRequest request) => pools.Choose(request.Geohash);

    /// <summary>The addresses known when there is something to dial; more may follow.</summary>
    /// <exception cref="OperationCanceledException">Resolving took too long.</exception>
    public async ValueTask<TargetAddresses> FindAsync(EgressRequest request, SourcePool pool, CancellationToken cancellationToken)
    {
        var addresses = new TargetAddresses(policy, pool);
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
