namespace PrivacyProxy.SpentTokens.Memcached.Wire;

/// <summary>How one connection behaves. Validated where it is configured.</summary>
internal sealed record MemcachedLinkOptions
{
    /// <summary>The longest a command waits for its reply; coarse, up to an eighth more.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Name look-up, TCP and TLS handshake together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Commands that wait for a reply at once, those past their deadline included; more are <see cref="MemcachedReply.Busy"/>.</summary>
    public int MaxInFlight { get; init; } = 8192;

    /// <summary>What every key begins with; at most <see cref="LongestKeyPrefix"/> visible ASCII characters.</summary>
    public string KeyPrefix { get; init; } = "pp:";

    /// <summary>memcached's 250 less the 43 of a spent-token key.</summary>
    public const int LongestKeyPrefix = 250 - SpentTokenKey.TextLength;

    /// <summary>Null: no TLS.</summary>
    public MemcachedTls? Tls { get; init; }

    /// <summary>Told after each write how many commands it carried; for metrics, must not block or throw.</summary>
    public Action<int>? BatchSent { get; init; }

    /// <summary>Told how long each command waited for its reply, late ones too, or for the end of the connection; for metrics, must not block or throw.</summary>
    public Action<TimeSpan>? Replied { get; init; }

    /// <summary>The clock of the deadlines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static bool IsKeyPrefix(string prefix) =>
        prefix.Length <= LongestKeyPrefix && !prefix.AsSpan().ContainsAnyExceptInRange('!', '~');
}
