namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>
/// The open connections to a router. Replies come in the order of the commands, so one server behind it that stalls holds
/// up all that follows on the connection: such a one is avoided. Read by every check without a lock.
/// </summary>
/// <param name="held">A connection whose oldest command has waited for so long is held up.</param>
internal sealed class RouterLinks(TimeSpan held)
{
    private readonly Lock _gate = new();
    private volatile RouterLink[] _open = [];

    public IReadOnlyList<RouterLink> Open => _open;

    /// <summary>One for the next command; null when there is none.</summary>
    public RouterLink? Pick()
    {
        var open = _open;
        if (open.Length == 0) return null;
        if (CheckLoop.Current is { } loop)
            foreach (var own in open)
                if (ReferenceEquals(own.Link.Loop, loop) && own.Link.IsOpen && own.Link.OldestWait < held) return own;
        var first = (uint)Thread.GetCurrentProcessorId();
        RouterLink? best = null;
        var shortest = TimeSpan.MaxValue;
        for (uint i = 0; i < open.Length; i++)
        {
            var link = open[(first + i) % open.Length];
            if (!link.Link.IsOpen) continue;
            var wait = link.Link.OldestWait;
            if (wait < held) return link;
            if (wait < shortest) (best, shortest) = (link, wait);
        }
        return best ?? open[0];
    }

    public void Add(RouterLink link)
    {
        lock (_gate) _open = [.. _open, link];
    }

    public void Remove(RouterLink link)
    {
        lock (_gate) _open = [.. _open.Where(other => !ReferenceEquals(other, link))];
    }
}
