using System.Buffers;

namespace PrivacyRelay.Upstream;

/// <summary>UDP payloads both ways to one destination. One caller sends and one receives at a time; disposed when neither does any more.</summary>
internal interface IDatagramTunnel : IAsyncDisposable
{
    /// <summary>Payloads of either direction that were lost here.</summary>
    long Dropped { get; }

    /// <summary>Puts a payload of at most 65,527 bytes into the next write.</summary>
    void Write(ReadOnlySpan<byte> payload);

    /// <summary>Sends what was put in, in as few writes as may be.</summary>
    /// <exception cref="IOException">The tunnel is broken.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>The next payload, at most 65,527 bytes, where it lies: good until the next call. Null when the tunnel has ended.</summary>
    /// <exception cref="IOException">The tunnel is broken.</exception>
    ValueTask<ReadOnlySequence<byte>?> ReceiveAsync(CancellationToken cancellationToken);
}
