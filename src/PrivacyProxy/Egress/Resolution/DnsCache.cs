using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Answers until their time is up; bounded, those not read since the last sweep go first (second chance).</summary>
internal sealed class DnsCache(int capacity, TimeProvider time)
{
    private readonly ConcurrentDictionary<DnsKey, Entry> _entries = new();
    private readonly Lock _sweeping = new();
    private int _count; // ConcurrentDictionary.Count takes every lock

    public int Count => Volatile.Read(ref _count);

    public bool TryGet(DnsKey key, [NotNullWhen(true)] out AddressAnswer? answer)
    {
        if (_entries.TryGetValue(key, out var entry) && time.GetTimestamp() < entry.ExpiresAt)
        {
            if (!entry.Read) entry.Read = true; // no shared write on every hit
            answer = entry.Answer;
            return true;
        }

        answer = null;
        return false;
    }

    public void Set(DnsKey key, AddressAnswer answer, TimeSpan lifetime)
    {
        if (lifetime <= TimeSpan.Zero) return;
        var expiresAt = time.GetTimestamp() + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        Put(key, new Entry(answer, expiresAt));
        if (Count > capacity) Sweep();
    }

    private void Put(DnsKey key, Entry entry)
    {
        while (!_entries.TryAdd(key, entry))
        {
            if (_entries.TryGetValue(key, out var old) && _entries.TryUpdate(key, entry, old)) return;
        }

        Interlocked.Increment(ref _count);
    }

    // Runs after a query's round trip, never on a hit. An eighth is freed at once so that sweeps stay rare.
    private void Sweep()
    {
        lock (_sweeping)
        {
            var now = time.GetTimestamp();
            var target = capacity - (capacity / 8);
            Evict(0, entry => entry.ExpiresAt <= now);
            if (Count > capacity) Evict(target, static entry => !entry.TakeRead());
            if (Count > capacity) Evict(target, static _ => true);
        }
    }

    private void Evict(int target, Func<Entry, bool> mayGo)
    {
        foreach (var pair in _entries)
        {
            if (Count <= target) return;
            if (mayGo(pair.Value) && _entries.TryRemove(pair)) Interlocked.Decrement(ref _count);
        }
    }

    private sealed class Entry(AddressAnswer answer, long expiresAt)
    {
        public AddressAnswer Answer { get; } = answer;

        public long ExpiresAt { get; } = expiresAt;

        public volatile bool Read;

        /// <summary>Whether it was read since last asked.</summary>
        public bool TakeRead()
        {
            var read = Read;
            Read = false;
            return read;
        }
    }
}
