namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>How far the reading of a reply came.</summary>
internal enum ReplyParse
{
    /// <summary>It has not arrived in full.</summary>
    Incomplete,

    Complete,

    /// <summary>No reply to such a command: the connection cannot be trusted any more.</summary>
    Garbage,
}
