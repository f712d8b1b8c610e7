namespace Tunneling.Loops;

/// <summary>Makes an async method that was begun on a loop go on there after each await.</summary>
internal sealed class LoopContext(EventLoop loop) : SynchronizationContext
{
    public EventLoop Loop => loop;

    public override void Post(SendOrPostCallback d, object? state) => loop.Post(d, state);

    /// <summary>Waiting for a loop is what would stop it: only its own thread may.</summary>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!loop.IsCurrent) throw new NotSupportedException("A loop is never waited for.");
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
