namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>What an answer of a replica counts for.</summary>
internal enum ReplicaAnswer
{
    /// <summary>Nothing: none came, it failed, or the replica does not vote.</summary>
    None = 0,

    /// <summary>A voting replica did not hold the token; after a spend it does.</summary>
    Vote,

    /// <summary>The replica, voting or not, held the token already.</summary>
    Exists,
}
