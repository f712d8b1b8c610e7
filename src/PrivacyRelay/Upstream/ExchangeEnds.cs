using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>How the stream of an accepted extended CONNECT ends: as a whole, since what ends apart is in its capsules.</summary>
internal sealed class ExchangeEnds(ResponseStream stream) : IStreamEnds
{
    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Its capsules end, not the stream.");

    public void Abort() => stream.Dispose();
}

/// <summary>How a TCP connection in capsules ends.</summary>
internal sealed class TcpCapsuleEnds(DataCapsuleStream capsules, IStreamEnds carrier) : IStreamEnds
{
    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken) => capsules.CompleteWritesAsync(cancellationToken);

    public void Abort() => carrier.Abort();
}
