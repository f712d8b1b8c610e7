using System.Buffers.Binary;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>A way to the echo and back. Each datagram begins with a stamp of eight bytes.</summary>
internal abstract class EchoTunnel : IAsyncDisposable
{
    /// <summary>Of a stamp.</summary>
    public const int StampLength = 8;

    /// <summary>Told the stamp of each that came back; one at a time, on any thread.</summary>
    public Action<long>? Received { get; set; }

    /// <summary>Sends so many of one stamp in a row, and waits while the way takes no more.</summary>
    /// <exception cref="IOException">The proxy ended it.</exception>
    public abstract ValueTask SendAsync(int count, long stamp);

    public abstract ValueTask DisposeAsync();

    protected static void Stamp(Span<byte> payload, long stamp) => BinaryPrimitives.WriteInt64LittleEndian(payload, stamp);

    protected void Tell(ReadOnlySpan<byte> payload)
    {
        if (payload.Length >= StampLength) Received?.Invoke(BinaryPrimitives.ReadInt64LittleEndian(payload));
    }
}
