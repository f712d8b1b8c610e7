namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// When a server is asked and when its votes count: the rules, without I/O. A server that lost its memory votes again once
/// this proxy has written its journal to it and a grace has passed in which every other proxy did; one that merely missed
/// writes, once it has them.
/// </summary>
internal sealed class NodeRotation(TimeSpan grace, TimeProvider time)
{
    private const long Nothing = long.MaxValue;

    /// <summary>How far the clocks of proxies may be apart.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private NodeEpoch? _epoch;
    private long _incarnation;
    private long _owed = Nothing;
    private long _mayVoteFrom;
    private long _standing;

    public NodeStanding Standing => new(Volatile.Read(ref _standing));

    /// <summary>The epoch known, null before the first.</summary>
    public NodeEpoch? Epoch
    {
        get
        {
            lock (_gate) return _epoch;
        }
    }

    /// <summary>A connection has shown the server's epoch. Down becomes Syncing; another epoch than before takes the vote.</summary>
    /// <returns>True when the server has lost its memory since the last time.</returns>
    public bool Admit(NodeEpoch epoch)
    {
        lock (_gate)
        {
            var known = _epoch;
            if (known?.Value == epoch.Value)
            {
                if (Standing.State == NodeState.Down) Set(NodeState.Syncing);
                return false;
            }
            _epoch = epoch;
            _incarnation++;
            // Of an epoch seen for the first time the age tells whether the grace is over, as far as clocks can be trusted.
            var settled = known is null && time.GetUtcNow() - epoch.Created > grace + _clockSkew;
            _mayVoteFrom = settled ? time.GetTimestamp() : After(grace);
            if (known is not null) _owed = 0;
            Set(NodeState.Syncing);
            return known is not null;
        }
    }

    /// <summary>No connection is left, or it has stalled.</summary>
    /// <returns>True when it was in rotation.</returns>
    public bool Leave()
    {
        lock (_gate)
        {
            var was = Standing.State;
            Set(NodeState.Down);
            return was != NodeState.Down;
        }
    }

    /// <summary>The server may lack the journal's entry of this number, and with it those after.</summary>
    public void Owe(long sequence)
    {
        lock (_gate)
        {
            _owed = Math.Min(_owed, sequence);
            if (Standing.State == NodeState.Up) Set(NodeState.Syncing);
        }
    }

    /// <summary>From where the journal is to be written to it; whoever takes it writes it or owes it again.</summary>
    public long? TakeOwed()
    {
        lock (_gate)
        {
            var owed = _owed;
            _owed = Nothing;
            return owed == Nothing ? null : owed;
        }
    }

    /// <summary>Other proxies may take as long again to write theirs.</summary>
    public void Extend(TimeSpan wait)
    {
        lock (_gate) _mayVoteFrom = Math.Max(_mayVoteFrom, After(wait));
    }

    /// <summary>How long the grace still lasts.</summary>
    public TimeSpan UntilVote
    {
        get
        {
            lock (_gate)
            {
                var now = time.GetTimestamp();
                return now >= _mayVoteFrom ? TimeSpan.Zero : time.GetElapsedTime(now, _mayVoteFrom);
            }
        }
    }

    /// <summary>Gives it its vote, if nothing is owed and the grace is over.</summary>
    /// <returns>True when it votes from now on.</returns>
    public bool TryVote()
    {
        lock (_gate)
        {
            if (Standing.State != NodeState.Syncing || _owed != Nothing || time.GetTimestamp() < _mayVoteFrom) return false;
            Set(NodeState.Up);
            return true;
        }
    }

    private void Set(NodeState state) => Volatile.Write(ref _standing, new NodeStanding(state, _incarnation).Packed);

    private long After(TimeSpan wait) => time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
}
