namespace Tunneling.Admission;

/// <summary>
/// The connections of one or more listeners and the destinations of their tunnels, within a bound that leaves descriptors for everything else.
/// When a place is needed the least worthy goes first: strangers (no credential was accepted), the oldest first, then connections that had
/// a tunnel once. Connections with a tunnel are never closed for others. Costs nothing per connection but its <see cref="AdmittedConnection"/>.
/// </summary>
internal sealed partial class ConnectionRegistry : IDisposable
{
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ConnectionList _strangers = new();
    private readonly ConnectionList _known = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly List<AdmittedConnection> _overdue = [];
    private readonly long[] _shed = new long[Enum.GetValues<ShedReason>().Length];
    private long _now;
    private int _connections;
    private int _tunnels;
    private bool _isStopping;
    private int _sweeping;

    public ConnectionRegistry(AdmissionLimits limits, TimeProvider time)
    {
        Limits = limits;
        _time = time;
        _now = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((ConnectionRegistry)state!).Sweep(), this, _sweepInterval, _sweepInterval);
    }

    public AdmissionLimits Limits { get; }

    /// <summary>By which it tells the time.</summary>
    public TimeProvider Time => _time;

    /// <summary>The time of the last sweep, at most a second old: cheap to read.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Connections now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Of those, the ones without an accepted credential.</summary>
    public int Strangers
    {
        get
        {
            lock (_gate) return _strangers.Count;
        }
    }

    /// <summary>Tunnels open or being opened.</summary>
    public int Tunnels => Volatile.Read(ref _tunnels);

    /// <summary>How many connections were closed for this reason.</summary>
    public long Shed(ShedReason reason) => Volatile.Read(ref _shed[(int)reason]);

    /// <summary>
    /// How long a listener should wait before it accepts the next connection: zero while there is a place, or a stranger that has had its
    /// time. Connections wait in the listen queue meanwhile, where they cost this process nothing.
    /// </summary>
    public TimeSpan UntilRoom()
    {
        lock (_gate)
        {
            if (!IsFull) return TimeSpan.Zero;
            // All are carrying tunnels or had one: a place comes free when one ends.
            if (_strangers.Oldest is not { } oldest) return Limits.MinStay;
            var stayed = _time.GetElapsedTime(oldest.AdmittedAt);
            return stayed >= Limits.MinStay ? TimeSpan.Zero : Limits.MinStay - stayed;
        }
    }

    /// <summary>
    /// Takes a place for a connection just accepted, that of the oldest stranger if there is no other. False when there is none at all:
    /// close it. Every connection taken in leaves by <see cref="Leave(AdmittedConnection)"/>, shed or not.
    /// </summary>
    public bool TryAdmit(AdmittedConnection connection)
    {
        AdmittedConnection? oldest = null;
        lock (_gate)
        {
            if (_isStopping) return false;
            if (IsFull)
            {
                oldest = _strangers.Oldest;
                if (oldest is null) return false;
                Drop(oldest, ShedReason.Place);
            }

            connection.Registry = this;
            connection.AdmittedAt = _time.GetTimestamp();
            _connections++;
            _strangers.Add(connection);
        }

        oldest?.Shed(ShedReason.Place);
        return true;
    }

    /// <summary>The connection has ended. Does nothing a second time, nor after it was shed.</summary>
    public void Leave(AdmittedConnection connection)
    {
        lock (_gate)
        {
            if (connection.Registry != this) return;
            Forget(connection);
        }
    }

    /// <summary>The same for one that its owner has ended for what it did; counted as closed for that.</summary>
    public void Leave(AdmittedConnection connection, ShedReason reason)
    {
        lock (_gate)
        {
            if (connection.Registry != this) return;
            Drop(connection, reason);
        }
    }

    /// <summary>
    /// Takes a place for a tunnel's destination before its credential is looked at, if need be that of a stranger or of a connection without
    /// a tunnel. False when there is none. Given back by <see cref="ReleaseTunnel"/>.
    /// </summary>
    /// <param name="asking">The connection that asks, which is not closed for itself; null if it is not of this registry.</param>
    public bool TryReserveTunnel(AdmittedConnection? asking)
    {
        AdmittedConnection? victim = null;
        lock (_gate)
        {
            if (_tunnels >= Limits.TunnelPlaces) return false;
            if (_connections + _tunnels >= Limits.Places)
            {
                victim = Other(_strangers.Oldest, asking) ?? Other(_known.Oldest, asking);
                if (victim is null) return false;
                Drop(victim, ShedReason.Place);
            }

            _tunnels++;
        }

        victim?.Shed(ShedReason.Place);
        return true;
    }

    /// <summary>The credential was accepted: from now on the connection is no stranger, and while it has a tunnel nobody takes its place.</summary>
    public void TunnelAccepted(AdmittedConnection? connection)
    {
        if (connection is null) return;
        var wasStranger = connection.IsStranger;
        lock (_gate)
        {
            if (connection.Registry != this) return;
            connection.Tunnels++;
            Move(connection, Standing.Tunnelling);
        }

        if (wasStranger) connection.Trusted();
    }

    /// <summary>Gives back the place of a tunnel.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="wasAccepted">Whether <see cref="TunnelAccepted"/> was called for it.</param>
    public void ReleaseTunnel(AdmittedConnection? connection, bool wasAccepted)
    {
        lock (_gate)
        {
            _tunnels--;
            if (!wasAccepted || connection is null || connection.Registry != this) return;
            if (--connection.Tunnels == 0) Move(connection, Standing.Known);
        }
    }

    /// <summary>A request that only few may make was answered well (a token issued, say): no stranger any more.</summary>
    public void Trust(AdmittedConnection connection)
    {
        if (!connection.IsStranger) return;
        lock (_gate)
        {
            if (connection.Registry != this || !connection.IsStranger) return;
            Move(connection, Standing.Known);
        }

        connection.Trusted();
    }

    /// <summary>Descriptors ran out although there are places: closes the oldest stranger.</summary>
    public bool ShedOldest(ShedReason reason)
    {
        AdmittedConnection? oldest;
        lock (_gate)
        {
            oldest = _strangers.Oldest ?? _known.Oldest;
            if (oldest is not null) Drop(oldest, reason);
        }

        oldest?.Shed(reason);
        return oldest is not null;
    }

    /// <summary>Closes a connection for a reason of its own.</summary>
    public void TryShed(AdmittedConnection connection, ShedReason reason)
    {
        lock (_gate)
        {
            if (connection.Registry != this) return;
            Drop(connection, reason);
        }

        connection.Shed(reason);
    }

    /// <summary>Takes in no more, and closes all that carry no tunnel.</summary>
    public void Stop()
    {
        lock (_gate) _isStopping = true;
        while (ShedOldest(ShedReason.Stopping))
        {
        }
    }

    public void Dispose() => _timer.Dispose();

    private bool IsFull => _connections + _tunnels >= Limits.Places || _strangers.Count >= Limits.MaxStrangers;

    private static AdmittedConnection? Other(AdmittedConnection? oldest, AdmittedConnection? asking) => oldest == asking ? oldest?.Next : oldest;

    private void Drop(AdmittedConnection connection, ShedReason reason)
    {
        Forget(connection);
        _shed[(int)reason]++;
    }

    private void Forget(AdmittedConnection connection)
    {
        connection.Registry = null;
        connection.List?.Remove(connection);
        _connections--;
        ForgetHeld(connection);
    }

    private void Move(AdmittedConnection connection, Standing standing)
    {
        ForgetHeld(connection);
        connection.List?.Remove(connection);
        if (standing == Standing.Known) _known.Add(connection);
        connection.Becomes(standing);
    }

    /// <summary>Once a second: closes those who do not read their answers.</summary>
    private void Sweep()
    {
        // A timer does not wait for its last turn.
        if (Interlocked.Exchange(ref _sweeping, 1) == 1) return;
        Volatile.Write(ref _now, _time.GetTimestamp());
        lock (_gate)
        {
            CollectOverdue(_strangers);
            CollectOverdue(_known);
            foreach (var connection in _overdue) Drop(connection, ShedReason.Unread);
        }

        foreach (var connection in _overdue) connection.Shed(ShedReason.Unread);
        _overdue.Clear();
        Volatile.Write(ref _sweeping, 0);
    }

    private void CollectOverdue(ConnectionList list)
    {
        for (var each = list.Oldest; each is not null; each = each.Next)
            if (each.WaitedFor(_time, _now) >= Limits.AnswerTimeout) _overdue.Add(each);
    }
}
