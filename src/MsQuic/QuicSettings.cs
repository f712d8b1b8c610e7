using System.Numerics;
using MsQuic.Native;

namespace MsQuic;

/// <summary>What connections may do and hold. Times are rounded to milliseconds.</summary>
/// <remarks>
/// Memory a peer can make a connection hold: at most <see cref="ConnectionWindow"/> bytes received that nobody has read, and
/// <see cref="SendLimit"/> for each stream that the peer does not read.
/// </remarks>
public sealed record QuicSettings
{
    /// <summary>Streams of both directions that the peer may have open at a time; 0 to 65,535.</summary>
    public int MaxBidirectionalStreams { get; init; }

    /// <summary>Streams of one direction that the peer may have open at a time; 0 to 65,535.</summary>
    public int MaxUnidirectionalStreams { get; init; }

    /// <summary>
    /// Bytes of a stream that the peer may be ahead of its reader to begin with, a power of two; it grows while the reader keeps up and the round trip asks for it.
    /// </summary>
    public int StreamWindow { get; init; } = 256 * 1024;

    /// <summary>
    /// Bytes of all streams that the peer may be ahead of their readers. What a stream that nobody reads holds is missing to the others: as many windows of
    /// streams as shall stall without holding up the rest.
    /// </summary>
    public int ConnectionWindow { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bytes of a stream sent and not acknowledged, at most: a flush beyond it waits. What is allowed goes by the path, from 1 MiB on.</summary>
    public int SendLimit { get; init; } = 2 * 1024 * 1024;

    /// <summary>A connection on which nothing moves for so long is closed without a word; zero for never.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a handshake may make no progress.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long what was sent may go unacknowledged before the connection is given up.</summary>
    public TimeSpan DisconnectTimeout { get; init; } = TimeSpan.FromSeconds(16);

    /// <summary>A connection on which nothing moves asks the peer for a sign of life so often; zero for never.</summary>
    public TimeSpan KeepAlive { get; init; }

    /// <summary>How sending is slowed when the path is full.</summary>
    public QuicCongestionControl CongestionControl { get; init; } = QuicCongestionControl.Cubic;

    /// <summary>Whether datagrams are taken from the peer (RFC 9221). They can be sent when the peer takes them, whatever this says.</summary>
    public bool Datagrams { get; init; }

    /// <summary>
    /// Bytes of a packet, IP's and UDP's headers among them, that the path is trusted to take without being asked; 1,248 to 1,500. With 1,280, which
    /// IPv6 promises, a datagram of a client's carries the 1,200 bytes that QUIC inside a tunnel begins with from the first on (over IPv6 1,199); with
    /// libmsquic's own 1,248 only once a probe of 1,280 has come through.
    /// </summary>
    public int MinimumPacket { get; init; } = 1280;

    /// <summary>Bytes of the largest packet that is tried and sent, headers among them; <see cref="MinimumPacket"/> to 1,500. What the peer sends is its own affair.</summary>
    public int MaximumPacket { get; init; } = 1500;

    /// <summary>Whether a client may go on from another address.</summary>
    public bool Migration { get; init; } = true;

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The window of streams is no power of two.</exception>
    internal NativeSettings ToNative()
    {
        Check(MaxBidirectionalStreams, 0, ushort.MaxValue, nameof(MaxBidirectionalStreams));
        Check(MaxUnidirectionalStreams, 0, ushort.MaxValue, nameof(MaxUnidirectionalStreams));
        Check(ConnectionWindow, 1, int.MaxValue, nameof(ConnectionWindow));
        Check(SendLimit, 1, int.MaxValue, nameof(SendLimit));
        Check(MinimumPacket, 1248, 1500, nameof(MinimumPacket));
        Check(MaximumPacket, MinimumPacket, 1500, nameof(MaximumPacket));
        Check(StreamWindow, 4096, int.MaxValue, nameof(StreamWindow));
        if (!BitOperations.IsPow2(StreamWindow)) throw new InvalidOperationException($"{nameof(StreamWindow)} is no power of two.");
        var flags = (Migration ? 1 << 2 : 0) | (Datagrams ? 1 << 3 : 0);
        return new NativeSettings
        {
            // HandshakeIdle, Idle, StreamRecvWindow, ConnFlowControlWindow, Disconnect, KeepAlive, CongestionControl, both stream counts,
            // MinimumMtu, MaximumMtu, SendBuffering (off: what is sent stays where it is until it is acknowledged), Migration, Datagrams.
            IsSet = Bits(1, 2, 6, 8, 15, 16, 17, 18, 19, 22, 23, 24, 26, 27),
            HandshakeIdleTimeoutMs = Milliseconds(HandshakeTimeout),
            IdleTimeoutMs = Milliseconds(IdleTimeout),
            StreamRecvWindowDefault = (uint)StreamWindow,
            ConnFlowControlWindow = (uint)ConnectionWindow,
            DisconnectTimeoutMs = Milliseconds(DisconnectTimeout),
            KeepAliveIntervalMs = Milliseconds(KeepAlive),
            CongestionControlAlgorithm = (ushort)CongestionControl,
            PeerBidiStreamCount = (ushort)MaxBidirectionalStreams,
            PeerUnidiStreamCount = (ushort)MaxUnidirectionalStreams,
            MinimumMtu = (ushort)MinimumPacket,
            MaximumMtu = (ushort)MaximumPacket,
            Flags = (byte)flags,
        };
    }

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(nameof(value), value, $"{name} is {least} to {most}.");
    }

    private static uint Milliseconds(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return (uint)Math.Min(time.TotalMilliseconds, int.MaxValue);
    }

    private static ulong Bits(params ReadOnlySpan<int> bits)
    {
        var all = 0ul;
        foreach (var bit in bits) all |= 1ul << bit;
        return all;
    }
}
