using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>Tells of a server's troubles once each, not with every attempt.</summary>
internal sealed partial class NodeLog(string node, ILogger logger)
{
    private volatile string _problem = "is not connected yet";
    private volatile bool _told;
    private volatile bool _votes;

    /// <summary>Why it is not in rotation, to be read behind its name.</summary>
    public string LastProblem => _problem;

    public void Unreachable(string problem)
    {
        _problem = problem;
        if (_told) return;
        Down();
        LogUnreachable(node, problem);
    }

    public void Lost(MemcachedCloseReason reason)
    {
        _problem = $"has been lost ({reason})";
        Down();
        LogLost(node, reason);
    }

    public void Stalled(TimeSpan limit)
    {
        _problem = "has stalled";
        Down();
        LogStalled(node, limit.TotalMilliseconds);
    }

    public void MemoryLost(long entries)
    {
        _votes = false;
        LogMemoryLost(node, entries);
    }

    /// <summary>Other proxies look for tokens elsewhere.</summary>
    public void Disagrees(string problem) => LogDisagrees(node, problem);

    /// <summary>Of a router: one of the servers behind it.</summary>
    public void BackendMemoryLost(long entries)
    {
        _votes = false;
        LogBackendMemoryLost(node, entries);
    }

    /// <summary>Of a router: how many of its markers cannot be read, for servers behind it that are away. 0 when all are back.</summary>
    public void BackendsAway(int markers, int all)
    {
        if (markers > 0) LogBackendsAway(node, markers, all);
        else LogBackendsBack(node);
    }

    /// <summary>Of a router: it does not put the tokens of a tag beside their marker.</summary>
    public void TagsIgnored() => LogTagsIgnored(node);

    public void Votes()
    {
        if (_votes) return;
        (_votes, _told) = (true, false);
        LogVotes(node);
    }

    public void MayEvict() => LogMayEvict(node);

    public void HasEvicted(long evictions) => LogHasEvicted(node, evictions);

    public void NearlyFull(long used, long limit) => LogNearlyFull(node, used, limit);

    private void Down() => (_told, _votes) = (true, false);

    [LoggerMessage(EventId = 2421, Level = LogLevel.Warning, Message = "Memcached {Node} {Problem}; it is tried again until it can be.")]
    private partial void LogUnreachable(string node, string problem);

    [LoggerMessage(EventId = 2422, Level = LogLevel.Warning, Message = "Memcached {Node}: the last connection is gone ({Reason}); it is not asked until it is back.")]
    private partial void LogLost(string node, MemcachedCloseReason reason);

    [LoggerMessage(EventId = 2423, Level = LogLevel.Warning, Message = "Memcached {Node} has not answered for {Milliseconds} ms; it is not asked until it does.")]
    private partial void LogStalled(string node, double milliseconds);

    [LoggerMessage(EventId = 2424, Level = LogLevel.Warning, Message = "Memcached {Node} has lost its memory. It has no vote until {Entries} spends of this proxy, and those of the others, are written to it again.")]
    private partial void LogMemoryLost(string node, long entries);

    [LoggerMessage(EventId = 2425, Level = LogLevel.Information, Message = "Memcached {Node} is up to date and votes.")]
    private partial void LogVotes(string node);

    [LoggerMessage(EventId = 2426, Level = LogLevel.Warning, Message = "Memcached {Node} evicts entries when it is full: spent tokens could be forgotten and taken again. Run it with -M.")]
    private partial void LogMayEvict(string node);

    [LoggerMessage(EventId = 2427, Level = LogLevel.Warning, Message = "Memcached {Node} has evicted {Evictions} entries: spent tokens among them can be taken again. Run it with -M and more memory.")]
    private partial void LogHasEvicted(string node, long evictions);

    [LoggerMessage(EventId = 2428, Level = LogLevel.Warning, Message = "Memcached {Node} is nearly full: {Used} of {Limit} bytes. Full, it refuses tokens.")]
    private partial void LogNearlyFull(string node, long used, long limit);

    [LoggerMessage(EventId = 2432, Level = LogLevel.Error, Message = "Memcached {Node} is in use by proxies with other settings: {Problem}. Everything is refused here, for a token could be accepted by them too.")]
    private partial void LogDisagrees(string node, string problem);

    [LoggerMessage(EventId = 2429, Level = LogLevel.Warning, Message = "A memcached behind router {Node} has lost its memory. Nothing is accepted through the router until {Entries} spends of this proxy, and those of the others, are written again.")]
    private partial void LogBackendMemoryLost(string node, long entries);

    [LoggerMessage(EventId = 2430, Level = LogLevel.Warning, Message = "Memcacheds behind router {Node} are away: {Markers} of {All} markers cannot be read. Their tokens are refused, those of the others are not.")]
    private partial void LogBackendsAway(string node, int markers, int all);

    [LoggerMessage(EventId = 2433, Level = LogLevel.Warning, Message = "Router {Node} does not go by the part of keys that ends in |#|: tokens lie on other memcacheds than their markers. One that loses its memory may then accept tokens again until that is noticed. How to set this up: docs/spent-tokens.md, Routers.")]
    private partial void LogTagsIgnored(string node);

    [LoggerMessage(EventId = 2431, Level = LogLevel.Information, Message = "All memcacheds behind router {Node} are back.")]
    private partial void LogBackendsBack(string node);
}
