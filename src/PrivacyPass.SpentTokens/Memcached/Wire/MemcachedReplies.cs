namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>What metrics and traces call replies.</summary>
internal static class MemcachedReplies
{
    public static string Label(this MemcachedReply reply) => reply switch
    {
        MemcachedReply.Hit => "hit",
        MemcachedReply.Miss => "miss",
        MemcachedReply.Stored => "stored",
        MemcachedReply.StoredAnew => "stored_anew",
        MemcachedReply.StoredUnmarked => "stored_unmarked",
        MemcachedReply.NotStored => "not_stored",
        MemcachedReply.TimedOut => "timeout",
        MemcachedReply.Busy => "busy",
        MemcachedReply.Failed => "error",
        _ => "closed",
    };
}
