using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>Something whose descriptor a loop watches. All of it runs on the loop's thread.</summary>
internal abstract class Watcher
{
    /// <summary>Its place among the loop's watchers; -1 when it has none.</summary>
    internal int Slot = -1;

    /// <summary>Something has happened to the descriptor. Edge-triggered: told once.</summary>
    internal abstract void OnEvents(EpollEvents events);

    /// <summary>The loop comes to its end, or <see cref="OnEvents"/> has thrown: let go of everything, telling nobody who would wait.</summary>
    internal abstract void OnAbandoned();
}
