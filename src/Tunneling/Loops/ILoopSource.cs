namespace Tunneling.Loops;

/// <summary>Has the event loops of the process.</summary>
internal interface ILoopSource
{
    /// <summary>They, started; empty where none are used.</summary>
    IReadOnlyList<EventLoop> Loops { get; }
}
