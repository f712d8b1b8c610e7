using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>Opens tunnels; what the local listeners need of everything upstream.</summary>
internal interface ITunnelDialer
{
    /// <summary>A tunnel to a destination; the caller disposes it.</summary>
    /// <exception cref="TunnelException">There is none, and why. Only cancellation throws anything else.</exception>
    ValueTask<DuplexStream> OpenAsync(Destination destination, CancellationToken cancellationToken);
}
