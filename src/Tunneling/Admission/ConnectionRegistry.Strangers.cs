namespace Tunneling.Admission;

/// <summary>What the requests of strangers may cost: how many, how fast, how much they hold, and for how long.</summary>
internal sealed partial class ConnectionRegistry
{
    private long _held;

    /// <summary>What requests and answers of strangers hold, bytes.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>
    /// How long a request that was just read should wait before it is served, so that one stranger takes no more of the processor than many
    /// requests at first and a few every second after that.
    /// </summary>
    /// <param name="connection">Whose.</param>
    /// <param name="cost">One for a request, more for one that holds much.</param>
    public TimeSpan Pace(AdmittedConnection connection, double cost = 1)
    {
        if (!connection.IsStranger) return TimeSpan.Zero;
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            var (requests, at) = connection.Ahead;
            requests = Math.Max(0, requests - (at == 0 ? 0 : _time.GetElapsedTime(at, now).TotalSeconds * Limits.StrangerRequestRate)) + cost;
            connection.Ahead = (requests, now);
            return requests <= Limits.StrangerBurst ? TimeSpan.Zero : TimeSpan.FromSeconds((requests - Limits.StrangerBurst) / Limits.StrangerRequestRate);
        }
    }

    /// <summary>Whether a stranger's next answer is to be its last.</summary>
    public bool HasStayedLong(AdmittedConnection connection) => connection.IsStranger && _time.GetElapsedTime(connection.AdmittedAt) >= Limits.MaxStrangerStay;

    /// <summary>A request was read. False when it is one too many of a stranger, which is closed then: do not serve it.</summary>
    /// <param name="connection">Whose.</param>
    /// <param name="bytes">What it holds in memory; the same is given back by <see cref="EndRequest"/>.</param>
    public bool TryBeginRequest(AdmittedConnection connection, long bytes)
    {
        if (!connection.IsStranger) return true;
        AdmittedConnection? victim = null;
        var reason = ShedReason.Flood;
        lock (_gate)
        {
            if (connection.Registry != this) return false;
            if (!connection.IsStranger) return true;
            connection.Requests++;
            connection.Held += bytes;
            _held += bytes;
            if (connection.Requests > Limits.MaxStrangerRequests) victim = connection;
            else if (_held > Limits.StrangerMemory)
            {
                victim = Heaviest();
                reason = ShedReason.Memory;
            }

            if (victim is not null) Drop(victim, reason);
        }

        victim?.Shed(reason);
        return victim != connection;
    }

    /// <summary>A request begun before holds more than was known then. False when strangers together hold too much and this one is closed for it.</summary>
    public bool TryHold(AdmittedConnection connection, long bytes)
    {
        if (!connection.IsStranger) return true;
        AdmittedConnection? victim = null;
        lock (_gate)
        {
            if (connection.Registry != this) return false;
            if (!connection.IsStranger) return true;
            connection.Held += bytes;
            _held += bytes;
            if (_held > Limits.StrangerMemory)
            {
                victim = Heaviest();
                Drop(victim!, ShedReason.Memory);
            }
        }

        victim?.Shed(ShedReason.Memory);
        return victim != connection;
    }

    /// <summary>The answer was written, or the request has ended without.</summary>
    public void EndRequest(AdmittedConnection connection, long bytes)
    {
        if (!connection.IsStranger) return;
        lock (_gate)
        {
            if (connection.Registry != this || !connection.IsStranger) return;
            connection.Requests--;
            connection.Held -= bytes;
            _held -= bytes;
        }
    }

    /// <summary>Gives back what <see cref="TryHold"/> took.</summary>
    public void Release(AdmittedConnection connection, long bytes)
    {
        if (!connection.IsStranger) return;
        lock (_gate)
        {
            if (connection.Registry != this || !connection.IsStranger) return;
            connection.Held -= bytes;
            _held -= bytes;
        }
    }

    /// <summary>A stranger has sent bytes. False when they were too many, and it is closed.</summary>
    public bool Received(AdmittedConnection connection, long bytes)
    {
        if (!connection.IsStranger) return true;
        // One reader at a time.
        connection.Received += bytes;
        if (connection.Received <= Limits.MaxStrangerBytes) return true;
        TryShed(connection, ShedReason.Flood);
        return false;
    }

    private AdmittedConnection? Heaviest()
    {
        AdmittedConnection? heaviest = null;
        for (var each = _strangers.Oldest; each is not null; each = each.Next)
            if (heaviest is null || each.Held > heaviest.Held) heaviest = each;
        return heaviest;
    }

    private void ForgetHeld(AdmittedConnection connection)
    {
        _held -= connection.Held;
        connection.Held = 0;
        connection.Requests = 0;
    }
}
