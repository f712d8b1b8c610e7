namespace PrivacyProxy.Egress;

/// <summary>Resolves, checks every address against the policy, opens a UDP socket to a checked address.</summary>
internal interface IUdpEgress
{
    /// <summary>
    /// A connected, non-blocking socket that never fragments (RFC 9298, section 3.1). Nothing is sent: whether anybody is there shows later.
    /// Failures are values, only cancellation throws.
    /// </summary>
    ValueTask<EgressConnection> OpenAsync(EgressRequest request, CancellationToken cancellationToken);
}
