namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>How one connection behaves. Validated where it is configured.</summary>
internal sealed record MemcachedLinkOptions
{
    /// <summary>The longest a command waits for its reply, to the millisecond as far as the pool has a thread for its timer.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>After so long without a reply the connection has stalled; as exact as <see cref="Deadline"/>. Null: it never has.</summary>
    public TimeSpan? StallAfter { get; init; }

    /// <summary>Told, on the pool, that a connection has stalled, and again while it has.</summary>
    public Action? Stalled { get; init; }

    /// <summary>Name look-up, TCP and TLS handshake together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Commands that wait for a reply at once, those past their deadline included; more are <see cref="MemcachedReply.Busy"/>.</summary>
    public int MaxInFlight { get; init; } = 8192;

    /// <summary>What every key begins with; what it may be, <see cref="IsKeyPrefix"/> says.</summary>
    public string KeyPrefix { get; init; } = "pp:";

    /// <summary>How many tags the keys of spent tokens have behind the prefix, for routers; 0: none.</summary>
    public int KeyTags { get; init; }

    /// <summary>memcached's 250 less the 43 of a spent-token key.</summary>
    public const int LongestKeyPrefix = 250 - SpentTokenKey.TextLength;

    /// <summary>With tags it is so much shorter.</summary>
    public const int LongestTaggedKeyPrefix = LongestKeyPrefix - KeyTag.Length;

    /// <summary>Null: no TLS.</summary>
    public MemcachedTls? Tls { get; init; }

    /// <summary>Told after each write how many commands it carried; for metrics, must not block or throw.</summary>
    public Action<int>? BatchSent { get; init; }

    /// <summary>Told how long each command waited for its reply, late ones too, or for the end of the connection; for metrics, must not block or throw.</summary>
    public Action<TimeSpan>? Replied { get; init; }

    /// <summary>Where replies are read, when TLS does not prevent it: what asks from there has its answer without another thread. Null: on a thread of the connection's own.</summary>
    public CheckLoop? Loop { get; init; }

    /// <summary>The clock of the deadlines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <param name="prefix">Visible ASCII, and not too long.</param>
    /// <param name="tagged">With tags no <c>|</c> either: routers would take what is before it for the tag.</param>
    public static bool IsKeyPrefix(string prefix, bool tagged) =>
        prefix.Length <= (tagged ? LongestTaggedKeyPrefix : LongestKeyPrefix)
        && !prefix.AsSpan().ContainsAnyExceptInRange('!', '~')
        && !(tagged && prefix.Contains('|', StringComparison.Ordinal));
}
