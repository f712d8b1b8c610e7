using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Egress.Resolution;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Telemetry.Tracing;

namespace PrivacyProxy.Egress;

/// <summary>Resolves, checks, and dials what was checked: between the check and the dial nothing looks the name up again.</summary>
internal sealed class TcpEgress(EgressPolicy policy, IResolver resolver, SourcePools pools, IDialer dialer, IOptions<EgressOptions> options) : IEgress
{
    private readonly EgressOptions _options = options.Value;

    public async ValueTask<EgressConnection> ConnectAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        var target = request.Target;
        if (!policy.PermitsPort(target.Port)) return EgressConnection.Failed(ProxyStatusError.HttpRequestDenied);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ConnectTimeout);
        try
        {
            var pool = pools.Choose(request.Geohash);
            var addresses = new TargetAddresses(policy, pool);
            if (target.Address is { } literal) addresses.Add(literal);
            else await ResolveAsync(addresses, target.Host, request.Trace, limit.Token);
            var race = new ConnectionRace(dialer, addresses, pool, target.Port, _options.ConnectionAttemptDelay, limit);
            request.Trace?.Begin(TracePhase.Connect);
            var connection = await race.RunAsync();
            request.Trace?.EndConnect(connection.Socket?.AddressFamily ?? AddressFamily.Unspecified);
            if (connection.Socket is null) cancellationToken.ThrowIfCancellationRequested();
            return connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EgressConnection.Failed(ProxyStatusError.DnsTimeout); // only resolving throws when the time is up
        }
    }

    private async ValueTask ResolveAsync(TargetAddresses addresses, string host, RequestTrace? trace, CancellationToken cancellationToken)
    {
        trace?.Begin(TracePhase.Resolve);
        var resolving = addresses.ResolveAsync(resolver, host, _options.ResolutionDelay, cancellationToken);
        var isKnown = resolving.IsCompletedSuccessfully;
        await resolving;
        trace?.EndResolve(isKnown);
    }
}
