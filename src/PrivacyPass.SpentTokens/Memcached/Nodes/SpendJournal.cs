namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// The spends this proxy accepted last, to be written again to a server that lost or missed them. A ring of 40 bytes an
/// entry, reserved at once (the system gives memory only to the part in use). Entries are numbered from 0 on, for ever.
/// </summary>
internal sealed class SpendJournal(int capacity, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Entry[] _ring = new Entry[capacity];
    private long _first;
    private long _next;
    private long _overwritten;

    /// <summary>The entries held.</summary>
    public long Count
    {
        get
        {
            lock (_gate) return _next - _first;
        }
    }

    /// <summary>The number the next entry gets.</summary>
    public long Next
    {
        get
        {
            lock (_gate) return _next;
        }
    }

    /// <summary>Entries that had to go before their tokens expired: a server that loses its memory cannot be given them back.</summary>
    public long Overwritten => Volatile.Read(ref _overwritten);

    /// <summary>Adds a spend; at the capacity the oldest goes.</summary>
    /// <param name="key">The token.</param>
    /// <param name="exptime">Unix seconds until when it must be remembered, 0 for ever.</param>
    /// <returns>The entry's number.</returns>
    public long Append(in SpentTokenKey key, long exptime)
    {
        lock (_gate)
        {
            if (_next - _first == capacity)
            {
                if (!_ring[_first % capacity].IsExpiredAt(Now)) _overwritten++;
                _first++;
            }
            _ring[_next % capacity] = new Entry(key, exptime);
            return _next++;
        }
    }

    /// <summary>Drops the oldest entries as far as they have expired.</summary>
    public void Trim()
    {
        lock (_gate)
            while (_first < _next && _ring[_first % capacity].IsExpiredAt(Now)) _first++;
    }

    /// <summary>Copies entries that have not expired, from a number on.</summary>
    /// <param name="from">The first number wanted; moves behind the last one looked at.</param>
    /// <param name="destination">Filled as far as there are entries.</param>
    /// <returns>How many were copied; 0 when <paramref name="from"/> has reached the end.</returns>
    public int Read(ref long from, Span<Entry> destination)
    {
        lock (_gate)
        {
            var (count, now) = (0, Now);
            for (from = Math.Max(from, _first); from < _next && count < destination.Length; from++)
            {
                ref readonly var entry = ref _ring[from % capacity];
                if (!entry.IsExpiredAt(now)) destination[count++] = entry;
            }
            return count;
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>A spend that was accepted.</summary>
    internal readonly struct Entry(SpentTokenKey key, long exptime)
    {
        public SpentTokenKey Key { get; } = key;

        /// <summary>Unix seconds, 0 for ever.</summary>
        public long Exptime { get; } = exptime;

        public bool IsExpiredAt(long now) => Exptime != 0 && Exptime <= now;
    }
}
