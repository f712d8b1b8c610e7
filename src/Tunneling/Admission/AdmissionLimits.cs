namespace Tunneling.Admission;

/// <summary>What a <see cref="ConnectionRegistry"/> holds to.</summary>
internal sealed record AdmissionLimits
{
    /// <summary>Connections and destinations of tunnels at a time, one descriptor each.</summary>
    public required int Places { get; init; }

    /// <summary>Connections without an accepted credential at a time; the oldest goes when one more comes.</summary>
    public int MaxStrangers { get; init; } = int.MaxValue;

    /// <summary>Tunnels at a time. At most as many as leave each its connection, and strangers some places to be told no in.</summary>
    public int MaxTunnels { get; init; } = int.MaxValue;

    /// <summary>Bytes that strangers together may hold in requests and answers; who holds the most goes when it is more.</summary>
    public long StrangerMemory { get; init; } = long.MaxValue;

    /// <summary>Requests of one stranger that wait for an answer, or for the answer to be read.</summary>
    public int MaxStrangerRequests { get; init; } = 100;

    /// <summary>Requests that one stranger is served as fast as they come.</summary>
    public int StrangerBurst { get; init; } = 32;

    /// <summary>Requests a second that one stranger is served after <see cref="StrangerBurst"/>; more wait.</summary>
    public double StrangerRequestRate { get; init; } = 50;

    /// <summary>Bytes that one stranger may send before a credential of it is accepted.</summary>
    public long MaxStrangerBytes { get; init; } = long.MaxValue;

    /// <summary>How long an answer may wait to be read on a connection without a tunnel.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long a stranger's next answer is the last on its connection: what it leaves unread may never fill what would tell of it.</summary>
    public TimeSpan MaxStrangerStay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stranger is left in peace before it can be closed for another; until then the listener waits.</summary>
    public TimeSpan MinStay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Descriptors from this number on are the reserve's.</summary>
    public int FirstReservedDescriptor { get; init; } = int.MaxValue;

    /// <summary>Places that tunnels leave to strangers: one in 16, at least 8.</summary>
    public int StrangerFloor => Math.Min(Places / 2, Math.Max(8, Places / 16));

    /// <summary>The tunnels that fit: two descriptors each.</summary>
    public int TunnelPlaces => Math.Max(1, Math.Min(MaxTunnels, (Places - StrangerFloor) / 2));
}
