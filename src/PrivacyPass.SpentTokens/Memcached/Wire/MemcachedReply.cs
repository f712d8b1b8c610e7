namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>What became of one command.</summary>
internal enum MemcachedReply : byte
{
    /// <summary>The connection is gone; whether the command was done is unknown.</summary>
    Closed = 0,

    /// <summary>No reply within the deadline; whether the command was done is unknown.</summary>
    TimedOut,

    /// <summary>Not sent: too many commands wait for their replies.</summary>
    Busy,

    /// <summary><c>get</c>: the key exists.</summary>
    Hit,

    /// <summary><c>get</c>: the key does not exist.</summary>
    Miss,

    /// <summary><c>add</c>: this command made the key.</summary>
    Stored,

    /// <summary><c>add</c> with its marker: this command made the key, in a memory that holds no marker, or another than the one known.</summary>
    StoredAnew,

    /// <summary><c>add</c> with its marker: this command made the key, and the marker could not be read.</summary>
    StoredUnmarked,

    /// <summary><c>add</c>: the key existed before.</summary>
    NotStored,

    /// <summary><c>ERROR</c>, <c>CLIENT_ERROR</c> or <c>SERVER_ERROR</c>: not done.</summary>
    Failed,
}
