namespace PrivacyRelay.Upstream;

/// <summary>Opens connect-udp tunnels (RFC 9298); what the local listeners need of everything upstream for UDP.</summary>
internal interface IDatagramDialer
{
    /// <summary>A UDP tunnel to a destination; the caller disposes it.</summary>
    /// <exception cref="TunnelException">There is none, and why. Only cancellation throws anything else.</exception>
    ValueTask<IDatagramTunnel> OpenUdpAsync(Destination destination, CancellationToken cancellationToken);
}
