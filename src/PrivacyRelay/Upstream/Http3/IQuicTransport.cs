using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>A connection of many streams, as QUIC has them; what HTTP/3 runs on.</summary>
internal interface IQuicTransport : IAsyncDisposable
{
    /// <summary>Opens a stream: for both directions, or for sending only. Waits while the peer allows no more.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<DuplexStream> OpenAsync(bool bidirectional, CancellationToken cancellationToken);

    /// <summary>The next stream that the peer opened.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask<DuplexStream> AcceptAsync(CancellationToken cancellationToken);
}
