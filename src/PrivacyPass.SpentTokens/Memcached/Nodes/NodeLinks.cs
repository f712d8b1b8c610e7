using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>The open connections of a server. Read by every check without a lock; changed by one thread at a time.</summary>
internal sealed class NodeLinks
{
    private volatile MemcachedLink[] _open = [];

    public IReadOnlyList<MemcachedLink> Open => _open;

    /// <summary>The longest any of their commands has waited.</summary>
    public TimeSpan OldestWait
    {
        get
        {
            var oldest = TimeSpan.Zero;
            foreach (var link in _open)
                if (link.OldestWait is var wait && wait > oldest) oldest = wait;
            return oldest;
        }
    }

    /// <summary>One for the next command: on an event loop the loop's own, elsewhere of the same processor the same one as far as possible; null when there is none.</summary>
    public MemcachedLink? Pick()
    {
        var open = _open;
        if (open.Length == 0) return null;
        if (open.Length == 1) return open[0];
        if (CheckLoop.Current is { } loop)
            foreach (var link in open)
                if (ReferenceEquals(link.Loop, loop) && link.IsOpen) return link;
        var first = (uint)Thread.GetCurrentProcessorId();
        for (uint i = 0; i < open.Length; i++)
            if (open[(first + i) % open.Length] is { IsOpen: true } link) return link;
        return open[0];
    }

    public void Add(MemcachedLink link) => _open = [.. _open, link];

    /// <returns>True when it was the last one.</returns>
    public bool Remove(MemcachedLink link)
    {
        var before = _open;
        _open = [.. before.Where(other => !ReferenceEquals(other, link))];
        return before.Length > 0 && _open.Length == 0;
    }

    public IReadOnlyList<MemcachedLink> RemoveAll()
    {
        var before = _open;
        _open = [];
        return before;
    }
}
