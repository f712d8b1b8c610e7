using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>Resolves, checks, and dials what was checked: between the check and the dial nothing looks the name up again.</summary>
internal sealed class TcpEgress(TargetLookup lookup, IDialer dialer, LoopDialer loopDialer, IOptions<EgressOptions> options) : IEgress
{
    public async ValueTask<EgressConnection> ConnectAsync(EgressRequest request, CancellationToken cancellationToken)
    {
        var target = request.Target;
        var times = options.Value;
        if (!lookup.Permits(target, out var allowed)) return EgressConnection.Failed(ProxyStatusError.HttpRequestDenied);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(times.ConnectTimeout);
        try
        {
            var pool = lookup.PoolFor(request);
            var addresses = await lookup.FindAsync(request, pool, allowed, limit.Token);
            var race = new ConnectionRace(request.OnLoop ? loopDialer : dialer, addresses, pool, target.Port, times.ConnectionAttemptDelay, limit);
            request.Trace?.Begin(TracePhase.Connect);
            var connection = await race.RunAsync();
            request.Trace?.EndConnect(connection.Family);
            if (!connection.IsConnected) cancellationToken.ThrowIfCancellationRequested();
            return connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EgressConnection.Failed(ProxyStatusError.DnsTimeout); // only resolving throws when the time is up
        }
    }
}
