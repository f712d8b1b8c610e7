namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>A memcached server's part in checks.</summary>
internal enum NodeState
{
    /// <summary>Not asked: unreachable or stalled.</summary>
    Down = 0,

    /// <summary>Written to, and believed when it holds a token, but without a vote: it may lack tokens spent before.</summary>
    Syncing,

    /// <summary>Asked, and its votes count.</summary>
    Up,
}
