using System.Numerics;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>
/// The commands that wait for their replies, in the order of the wire. Callers add under the connection's lock, the reader
/// alone removes. A waiter is taken by an atomic exchange, so that it is completed once whether the reply, the deadline or
/// the end of the connection comes first; the slot of one that gave up stays and swallows its late reply.
/// </summary>
internal sealed class CommandRing
{
    private readonly Slot[] _slots;
    private readonly int _mask;
    private readonly int _capacity;
    private long _head;
    private long _tail;
    private long _unexpired;

    public CommandRing(int capacity)
    {
        _capacity = capacity;
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _slots.Length - 1;
    }

    public int Count => (int)(Volatile.Read(ref _tail) - Volatile.Read(ref _head));

    public bool IsFull => Count >= _capacity;

    /// <summary>Of the oldest command; the reader only, and only when there is one.</summary>
    public CommandKind HeadKind => _slots[_head & _mask].Kind;

    /// <summary>Under the lock, and not when full.</summary>
    public void Add(CommandKind kind, PendingReply waiter, long now)
    {
        ref var slot = ref _slots[_tail & _mask];
        slot.Kind = kind;
        slot.AskedAt = now;
        slot.Waiter = waiter;
        Volatile.Write(ref _tail, _tail + 1);
    }

    /// <summary>Removes the oldest command. The reader only.</summary>
    /// <returns>Its waiter; null if that gave up.</returns>
    public PendingReply? Take(out long askedAt)
    {
        ref var slot = ref _slots[_head & _mask];
        askedAt = slot.AskedAt;
        var waiter = Interlocked.Exchange(ref slot.Waiter, null);
        Volatile.Write(ref _head, _head + 1);
        return waiter;
    }

    /// <summary>Completes, under the lock, the waiters of all commands asked at or before <paramref name="limit"/>.</summary>
    /// <returns>When the oldest of the others was asked; null when no other waits.</returns>
    public long? Expire(long limit)
    {
        for (_unexpired = Math.Max(_unexpired, Volatile.Read(ref _head)); _unexpired < _tail; _unexpired++)
        {
            ref var slot = ref _slots[_unexpired & _mask];
            if (slot.AskedAt > limit) return slot.AskedAt;
            Interlocked.Exchange(ref slot.Waiter, null)?.CompleteOnPool(MemcachedReply.TimedOut);
        }

        return null;
    }

    /// <summary>When the oldest command was asked; null when none waits. Any thread, and good enough for a look.</summary>
    public long? OldestAskedAt
    {
        get
        {
            var head = Volatile.Read(ref _head);
            return head == Volatile.Read(ref _tail) ? null : _slots[head & _mask].AskedAt;
        }
    }

    private struct Slot
    {
        public PendingReply? Waiter;
        public long AskedAt;
        public CommandKind Kind;
    }
}
