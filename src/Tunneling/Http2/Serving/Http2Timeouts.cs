namespace Tunneling.Http2.Serving;

/// <summary>How long a session waits for its client. None of them ends a connection whose tunnels are merely idle.</summary>
internal sealed record Http2Timeouts
{
    public static Http2Timeouts Default { get; } = new();

    /// <summary>For the rest of a frame or head that has begun, and for the first request of a stranger.</summary>
    public TimeSpan Head { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Without any stream.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>For a client that reads nothing of what waits for it.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for strangers, whose answers may also not wait longer for a window.</summary>
    public TimeSpan WriteOfStrangers { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the client to close after the last GOAWAY.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);
}
