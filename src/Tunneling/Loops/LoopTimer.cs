namespace Tunneling.Loops;

/// <summary>A timer of a loop. Started, stopped and fired on the loop's thread; may be started again once it has fired or was stopped.</summary>
/// <param name="callback">Called with <paramref name="state"/> when it is due, never before.</param>
/// <param name="state">Given to <paramref name="callback"/>.</param>
internal sealed class LoopTimer(Action<object?> callback, object? state)
{
    internal LoopTimer? Previous;
    internal LoopTimer? Next;
    internal long Due;
    internal int Slot = -1;

    public bool IsRunning => Slot >= 0;

    internal void Fire() => callback(state);
}
