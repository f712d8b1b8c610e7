namespace PrivacyProxy.Egress;

/// <summary>Resolves, checks every address against the policy, dials a checked address.</summary>
internal interface IEgress
{
    /// <summary>Connects TCP; failures are values, only cancellation throws.</summary>
    ValueTask<EgressConnection> ConnectAsync(EgressRequest request, CancellationToken cancellationToken);
}
