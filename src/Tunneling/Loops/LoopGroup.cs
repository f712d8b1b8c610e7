namespace Tunneling.Loops;

/// <summary>The loops of a process.</summary>
internal sealed class LoopGroup : IDisposable
{
    /// <summary>So many connections more than the emptiest loop are fine: handing one over costs a wake-up.</summary>
    private const int Slack = 8;

    private readonly EventLoop[] _loops;

    /// <param name="count">How many; at least one.</param>
    /// <param name="failed">Told, on a loop's thread, what a callback threw.</param>
    public LoopGroup(int count, Action<Exception> failed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _loops = new EventLoop[count];
        for (var i = 0; i < count; i++) _loops[i] = new EventLoop($"tunnels {i}", failed);
    }

    public IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>Where a connection that <paramref name="here"/> has accepted should live: here, unless another has clearly less to do.</summary>
    public EventLoop Choose(EventLoop here)
    {
        var least = here;
        foreach (var loop in _loops)
            if (loop.Connections < least.Connections) least = loop;
        return here.Connections > least.Connections + Slack + (least.Connections >> 3) ? least : here;
    }

    public void Dispose()
    {
        foreach (var loop in _loops) loop.Dispose();
    }
}
