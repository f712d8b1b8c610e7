namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>What waits for the writer, bounded and in order, and what the writer has taken; enforces the deadline over both.</summary>
internal sealed class SpendQueue : IDisposable
{
    private readonly object _gate = new();
    private readonly PendingSpend[] _waiting;
    private readonly PendingSpend[] _taken;
    private readonly Stack<PendingSpend> _pool;
    private readonly long _deadline;
    private readonly Timer _timer;
    private readonly TimeSpan _period;
    private int _first;
    private int _count;
    private int _takenCount;
    private bool _writerWaits;
    private bool _closed;
    private bool _watchesDeadlines;
    private bool _isDisposed;

    public SpendQueue(int capacity, TimeSpan deadline)
    {
        _waiting = new PendingSpend[capacity];
        _taken = new PendingSpend[capacity];
        _pool = new Stack<PendingSpend>();
        _deadline = (long)deadline.TotalMilliseconds;
        _period = TimeSpan.FromMilliseconds(Math.Clamp(_deadline / 5, 5, 100));
        _timer = new Timer(static queue => ((SpendQueue)queue!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What waits for the writer, and what it has taken.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate) return _count + _takenCount;
        }
    }

    /// <summary>Whether it looks at deadlines: only while something waits, and once more.</summary>
    public bool WatchesDeadlines
    {
        get
        {
            lock (_gate) return _watchesDeadlines;
        }
    }

    /// <summary>Asks the writer; unavailable at once when too many wait.</summary>
    public ValueTask<SpendOutcome> Ask(SpentToken token, bool spends)
    {
        lock (_gate)
        {
            if (_closed || _count == _waiting.Length) return new(SpendOutcome.Unavailable);
            if (!_pool.TryPop(out var pending)) pending = new PendingSpend(this);
            pending.Start(token, spends);
            if (!_watchesDeadlines) WatchDeadlines();
            _waiting[(_first + _count++) % _waiting.Length] = pending;
            if (_writerWaits)
            {
                _writerWaits = false;
                Monitor.Pulse(_gate);
            }
            return pending.Task;
        }
    }

    /// <summary>Takes everything that waits; blocks for up to <paramref name="patience"/> when nothing does.</summary>
    /// <returns>Empty after that time, or when the queue is closed.</returns>
    public ReadOnlySpan<PendingSpend> Take(TimeSpan patience)
    {
        lock (_gate)
        {
            if (_count == 0 && !_closed && patience > TimeSpan.Zero)
            {
                _writerWaits = true;
                Monitor.Wait(_gate, patience);
                _writerWaits = false;
            }
            _takenCount = _count;
            for (var i = 0; i < _takenCount; i++)
            {
                _taken[i] = _waiting[_first];
                _first = (_first + 1) % _waiting.Length;
            }
            _count = 0;
            return _taken.AsSpan(0, _takenCount);
        }
    }

    /// <summary>Answers everything that was taken: what was found, or unavailable when it could not be committed.</summary>
    public void Answer(bool committed)
    {
        int count;
        lock (_gate)
        {
            // From here on the deadline does not look at them: they may be in use for another spend soon.
            count = _takenCount;
            _takenCount = 0;
        }
        foreach (var pending in _taken.AsSpan(0, count))
        {
            pending.Answer(committed ? pending.Outcome : SpendOutcome.Unavailable);
            pending.Release();
        }
    }

    /// <summary>Lets nothing in any more and wakes the writer.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    public void Return(PendingSpend pending)
    {
        lock (_gate) _pool.Push(pending);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _timer.Dispose();
        }
    }

    /// <summary>Answers what has waited too long. The writer still does it: the token may become spent, which is safe.</summary>
    private void Expire()
    {
        lock (_gate)
        {
            // Nobody is woken while nothing waits.
            _watchesDeadlines = false;
            if (_takenCount + _count > 0) WatchDeadlines();
            var oldest = Environment.TickCount64 - _deadline;
            for (var i = 0; i < _takenCount && _taken[i].Asked <= oldest; i++) _taken[i].Answer(SpendOutcome.Unavailable);
            for (var i = 0; i < _count; i++)
            {
                var pending = _waiting[(_first + i) % _waiting.Length];
                if (pending.Asked > oldest) break;
                pending.Answer(SpendOutcome.Unavailable);
            }
        }
    }

    private void WatchDeadlines()
    {
        if (_isDisposed) return;
        _watchesDeadlines = true;
        _timer.Change(_period, Timeout.InfiniteTimeSpan);
    }
}
