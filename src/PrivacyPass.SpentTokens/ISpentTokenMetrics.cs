using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens;

/// <summary>What stores tell of their work. A server is named as the operator configured it.</summary>
internal interface ISpentTokenMetrics
{
    /// <summary>Told of the commands of each write to a server, or of each transaction of a file.</summary>
    Action<int> BatchSent { get; }

    /// <summary>Told how long a server took to reply to each command, or was waited for in vain.</summary>
    Action<TimeSpan> NodeReplied(string node);

    /// <summary>A transaction of a file was committed.</summary>
    void Committed(TimeSpan elapsed);

    /// <summary>A connection was lost.</summary>
    void Reconnect(string node);

    /// <summary>A server was found to have forgotten.</summary>
    void MemoryLost(string node);

    /// <summary>A server did not decide about a command.</summary>
    void Unavailable(string node, MemcachedReply reply);

    /// <summary>Tells of a store until disposed.</summary>
    IDisposable Observe(ISpentTokenGauges store);
}
