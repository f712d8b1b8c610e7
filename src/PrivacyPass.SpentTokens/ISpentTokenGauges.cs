using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyPass.SpentTokens;

/// <summary>What a spent-token store tells of itself when metrics are collected.</summary>
internal interface ISpentTokenGauges
{
    /// <summary>Checks under way.</summary>
    long InFlight { get; }

    /// <summary>Accepted spends kept to be written again.</summary>
    long JournalEntries => 0;

    /// <summary>Entries that had to leave the journal before their tokens expired.</summary>
    long JournalOverwritten => 0;

    /// <summary>The state of each server, the entries it has evicted, and the part of its memory that is used, NaN where it does not tell.</summary>
    IEnumerable<(string Node, NodeState State, long Evictions, double MemoryUsed)> NodeStates => [];
}
