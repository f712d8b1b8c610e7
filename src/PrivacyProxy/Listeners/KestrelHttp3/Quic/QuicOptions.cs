using System.ComponentModel.DataAnnotations;
using MsQuic;

namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>QUIC below HTTP/3: section <c>PrivacyProxy:Listeners:Quic</c>. Read at start.</summary>
internal sealed class QuicOptions
{
    /// <summary>Our own transport, with datagrams (<c>MsQuic</c>), or .NET's (<c>SystemNetQuic</c>), to which the other settings mean nothing. Both need libmsquic.</summary>
    [EnumDataType(typeof(QuicTransportKind), ErrorMessage = "MsQuic or SystemNetQuic")]
    public QuicTransportKind Transport { get; set; } = QuicTransportKind.MsQuic;

    /// <summary>How sending is slowed: <c>Cubic</c> at every loss, <c>Bbr</c> by the bandwidth it measures.</summary>
    [EnumDataType(typeof(QuicCongestionControl), ErrorMessage = "Cubic or Bbr")]
    public QuicCongestionControl CongestionControl { get; set; } = QuicCongestionControl.Bbr;

    /// <summary>Streams of a connection at a time, each a tunnel; a client opens another connection for more.</summary>
    [Range(1, 10_000)]
    public int MaxStreams { get; set; } = 250;

    /// <summary>What a tunnel whose destination does not read may hold to begin with, KiB, a power of two; it grows with use.</summary>
    [Range(4, 16 * 1024)]
    [PowerOfTwo]
    public int StreamWindowKilobytes { get; set; } = 512;

    /// <summary>What all tunnels of a connection whose destinations do not read may hold, MiB; 0 for a stream's window for each stream there may be.</summary>
    [Range(0, 2047)]
    public int ConnectionWindowMegabytes { get; set; }

    /// <summary>What a tunnel whose client does not read may hold, KiB.</summary>
    [Range(128, 16 * 1024)]
    public int SendKilobytes { get; set; } = 1024;

    /// <summary>
    /// The largest packet that is sent to a client, bytes with the headers of IP and UDP. The path is asked what it takes; less than 1,500 is for who knows
    /// that it takes less, or that datagrams of UDP are all of one size: a packet that these fill needs no filler.
    /// </summary>
    [Range(1280, 1500)]
    public int MaxPacketBytes { get; set; } = 1500;

    /// <summary>
    /// Whether room that a UDP datagram leaves in its packet is filled with one that clients drop where more follow: many packets are then sent at once,
    /// for half the CPU. Off for clients that take it for one of theirs.
    /// </summary>
    public bool FillPackets { get; set; } = true;

    /// <summary>A client that says nothing for so long is gone; a live one is asked for a sign of life three times in it.</summary>
    [Range(typeof(TimeSpan), "00:00:03", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Connections in their handshake or just after it, at most; further ones are refused.</summary>
    [Range(1, 100_000)]
    public int Backlog { get; set; } = 1024;

    /// <summary>
    /// When a client must show by Retry that it is at its address before anything is kept for it: once handshakes take more than libmsquic's share of
    /// memory (<c>UnderLoad</c>), or <c>Always</c>, which takes a round trip more.
    /// </summary>
    [EnumDataType(typeof(QuicAddressValidation), ErrorMessage = "UnderLoad or Always")]
    public QuicAddressValidation AddressValidation { get; set; } = QuicAddressValidation.UnderLoad;

    /// <summary>The settings of a connection.</summary>
    public QuicSettings ToSettings(TimeSpan handshakeTimeout) => new()
    {
        MaxBidirectionalStreams = MaxStreams,
        // The control stream, those of QPACK, and what a client greases.
        MaxUnidirectionalStreams = 10,
        StreamWindow = StreamWindowKilobytes * 1024,
        ConnectionWindow = ConnectionWindowMegabytes > 0 ? ConnectionWindowMegabytes * 1024 * 1024 : (int)Math.Min((long)MaxStreams * StreamWindowKilobytes * 1024, int.MaxValue),
        SendLimit = SendKilobytes * 1024,
        IdleTimeout = IdleTimeout,
        KeepAlive = IdleTimeout / 3,
        HandshakeTimeout = handshakeTimeout,
        CongestionControl = CongestionControl,
        MaximumPacket = MaxPacketBytes,
        Datagrams = true,
    };
}

/// <summary>1, 2, 4, 8 and so on.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PowerOfTwoAttribute() : ValidationAttribute("a power of two")
{
    public override bool IsValid(object? value) => value is int number && int.IsPow2(number);
}
