namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>When SQLite waits for the disk: <c>PRAGMA synchronous</c>.</summary>
public enum SqliteSynchronous
{
    /// <summary>At checkpoints: survives the end of the process however it comes; a power failure may take the last commits.</summary>
    Normal,

    /// <summary>At every commit: survives a power failure.</summary>
    Full,

    /// <summary>As <see cref="Full"/>, and of the directory too.</summary>
    Extra,
}
