using System.Numerics;

namespace Tunneling.Loops;

/// <summary>
/// Timers in slots by the time they are due: starting and stopping cost the same however many there are. Coarse: one fires up to a
/// <see cref="Tick"/> late. What is due later than one turn of the wheel is looked at once a turn. For one thread.
/// </summary>
internal sealed class TimerWheel
{
    /// <summary>Milliseconds of a slot.</summary>
    public const int Tick = 8;

    private const int Slots = 512;
    private const int Mask = Slots - 1;

    private readonly LoopTimer?[] _first = new LoopTimer?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];
    private long _turnedTo;

    /// <param name="now">Milliseconds on any clock that never goes back.</param>
    public TimerWheel(long now) => _turnedTo = now / Tick;

    public int Count { get; private set; }

    public void Start(LoopTimer timer, long now, long delay)
    {
        if (timer.IsRunning) Stop(timer);
        timer.Due = now + delay;
        // Rounded up, so that it never fires early, and never into a slot that has been passed.
        var slot = (int)(Math.Max((timer.Due + Tick - 1) / Tick, _turnedTo + 1) & Mask);
        timer.Slot = slot;
        timer.Previous = null;
        timer.Next = _first[slot];
        if (timer.Next is not null) timer.Next.Previous = timer;
        _first[slot] = timer;
        _occupied[slot >> 6] |= 1UL << slot;
        Count++;
    }

    public void Stop(LoopTimer timer)
    {
        if (!timer.IsRunning) return;
        var slot = timer.Slot;
        if (timer.Previous is null) _first[slot] = timer.Next;
        else timer.Previous.Next = timer.Next;
        if (timer.Next is not null) timer.Next.Previous = timer.Previous;
        if (_first[slot] is null) _occupied[slot >> 6] &= ~(1UL << slot);
        timer.Previous = timer.Next = null;
        timer.Slot = -1;
        Count--;
    }

    /// <summary>Takes what is due at <paramref name="now"/> out, one timer a call; null when no more is.</summary>
    public LoopTimer? TakeDue(long now)
    {
        var target = now / Tick;
        // One turn visits every slot: a loop that slept longer need not go round twice.
        if (target - _turnedTo > Slots) _turnedTo = target - Slots;
        while (Count > 0)
        {
            for (var timer = _first[_turnedTo & Mask]; timer is not null; timer = timer.Next)
            {
                if (timer.Due > now) continue;
                Stop(timer);
                return timer;
            }

            if (_turnedTo >= target) return null;
            _turnedTo++;
        }

        _turnedTo = target;
        return null;
    }

    /// <summary>Milliseconds until the next slot with a timer in it, at least 1; -1 when there is none.</summary>
    public int UntilNext(long now)
    {
        if (Count == 0) return -1;
        for (var ahead = 1; ahead <= Slots;)
        {
            var slot = (int)((_turnedTo + ahead) & Mask);
            var rest = _occupied[slot >> 6] >> slot;
            if (rest != 0)
            {
                ahead += BitOperations.TrailingZeroCount(rest);
                return (int)Math.Clamp(((_turnedTo + ahead) * Tick) - now, 1, Slots * Tick);
            }

            ahead += 64 - (slot & 63);
        }

        return Slots * Tick;
    }
}
