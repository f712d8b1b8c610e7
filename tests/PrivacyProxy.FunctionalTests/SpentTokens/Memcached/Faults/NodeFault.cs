namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>What goes wrong with one memcached node.</summary>
public enum NodeFault
{
    /// <summary>SIGKILL: connections are closed, new ones refused. It comes back empty.</summary>
    Killed,

    /// <summary>SIGSTOP: the kernel still takes connections and bytes, nothing is answered.</summary>
    Stopped,

    /// <summary>Killed and at once there again, with nothing in its memory.</summary>
    RestartedEmpty,

    /// <summary>Started with -M and full: SERVER_ERROR to every add of a new key.</summary>
    OutOfMemory,

    /// <summary>Every reply is late, but in time.</summary>
    SlowInTime,

    /// <summary>Every reply comes after the deadline; the command is done.</summary>
    TooSlow,

    /// <summary>Half a reply, then the connection is closed.</summary>
    RepliesCutAndClosed,

    /// <summary>Half a reply, then nothing.</summary>
    RepliesCutAndSilent,

    /// <summary>What no memcached says.</summary>
    Garbage,

    /// <summary>ERROR to every check.</summary>
    Error,

    /// <summary>SERVER_ERROR to every check.</summary>
    ServerError,

    /// <summary>Nobody listens any more; open connections are reset.</summary>
    ConnectionRefused,

    /// <summary>A peer that accepts and never answers.</summary>
    SilentPeer,

    /// <summary>SYNs get no answer at all.</summary>
    Blackhole,
}
