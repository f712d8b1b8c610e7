namespace Tunneling.Http2;

/// <summary>What one connection may take. Strangers are clients of which no stream has been authenticated yet.</summary>
internal sealed record Http2Limits
{
    /// <summary>The limits without any setting.</summary>
    public static Http2Limits Default { get; } = new();

    /// <summary>Streams at a time, once one was authenticated.</summary>
    public int MaxStreams { get; init; } = 1000;

    /// <summary>Streams at a time until then.</summary>
    public int MaxStreamsOfStrangers { get; init; } = 100;

    /// <summary>Requests beyond that limit are not refused: one is taken, and nothing more is read until there are fewer. A client may have sent many before it read the settings.</summary>
    public bool HoldsStrangers { get; init; }

    /// <summary>How many streams of a stranger are open before one is refused.</summary>
    internal int MostOpenOfStrangers => HoldsStrangers ? MaxStreamsOfStrangers + 1 : MaxStreamsOfStrangers;

    /// <summary>SETTINGS_MAX_HEADER_LIST_SIZE, bytes; a block may take no more before it is decoded either.</summary>
    public int MaxFieldListSize { get; init; } = 32 * 1024;

    /// <summary>The window of a new stream, bytes.</summary>
    public int StreamWindow { get; init; } = 32 * 1024;

    /// <summary>What it may grow to, bytes.</summary>
    public int MaxStreamWindow { get; init; } = 2 * 1024 * 1024;

    /// <summary>What all streams of a connection may grow by together, bytes: with the windows they begin with, the bound on what a connection holds.</summary>
    public int MaxGrowth { get; init; } = 8 * 1024 * 1024;

    /// <summary>The connection's window once a stream was authenticated; given back on receipt, so it bounds no memory. Until then it is 65,535 and given back as bytes go on.</summary>
    public int ConnectionWindow { get; init; } = 16 * 1024 * 1024;

    /// <summary>Frames that may wait to be sent to a peer that does not read, bytes; at half of it new streams are refused.</summary>
    public int MaxQueuedControl { get; init; } = 1024 * 1024;

    /// <summary>The same for strangers.</summary>
    public int MaxQueuedControlOfStrangers { get; init; } = 256 * 1024;

    /// <summary>What frames that cost work and carry nothing may use up.</summary>
    public AbuseAllowance Allowance { get; init; } = new(20_000, 5_000);

    /// <summary>The same for strangers.</summary>
    public AbuseAllowance AllowanceOfStrangers { get; init; } = new(1_000, 50);
}
