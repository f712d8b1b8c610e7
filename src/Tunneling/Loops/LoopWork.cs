namespace Tunneling.Loops;

/// <summary>A call that waits for its turn on a loop.</summary>
internal readonly record struct LoopWork(SendOrPostCallback Callback, object? State)
{
    public void Run() => Callback(State);
}
