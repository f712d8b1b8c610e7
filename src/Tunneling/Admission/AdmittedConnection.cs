namespace Tunneling.Admission;

/// <summary>A connection in a <see cref="ConnectionRegistry"/>; the one object it costs there.</summary>
internal abstract class AdmittedConnection
{
    private long _writingSince;
    private long _answeredSince;
    private volatile bool _isStranger = true;

    /// <summary>False once a credential was accepted.</summary>
    public bool IsStranger => _isStranger;

    // The registry's, under its lock.
    internal ConnectionList? List { get; set; }

    internal AdmittedConnection? Previous { get; set; }

    internal AdmittedConnection? Next { get; set; }

    internal ConnectionRegistry? Registry { get; set; }

    internal Standing Standing { get; private set; }

    internal int Tunnels { get; set; }

    internal int Requests { get; set; }

    internal long Held { get; set; }

    internal long Received { get; set; }

    internal long AdmittedAt { get; set; }

    /// <summary>Requests made faster than <see cref="AdmissionLimits.StrangerRequestRate"/>, and when that was so.</summary>
    internal (double Requests, long At) Ahead { get; set; }

    /// <summary>
    /// Closes it so that its descriptor is free at once, and nothing is sent any more. Called at most once, from any thread, after it
    /// has left the registry; must not throw, wait or call the registry.
    /// </summary>
    protected internal abstract void Shed(ShedReason reason);

    /// <summary>It is no stranger any more; called once, outside the registry's lock.</summary>
    protected internal virtual void Trusted()
    {
    }

    /// <summary>A write has to wait for the peer to read.</summary>
    public void WriteWaits() => Volatile.Write(ref _writingSince, Math.Max(1, Registry?.Now ?? 0));

    /// <summary>The peer has read.</summary>
    public void WriteDone() => Volatile.Write(ref _writingSince, 0);

    /// <summary>Answers that were given wait for the peer to let them be written (flow control).</summary>
    public void AnswerWaits() => Volatile.Write(ref _answeredSince, Math.Max(1, Registry?.Now ?? 0));

    /// <summary>All of them are written.</summary>
    public void AnswerDone() => Volatile.Write(ref _answeredSince, 0);

    /// <summary>How long the peer has left something unread; zero if nothing.</summary>
    internal TimeSpan WaitedFor(TimeProvider time, long now)
    {
        var (writing, answered) = (Volatile.Read(ref _writingSince), IsStranger ? Volatile.Read(ref _answeredSince) : 0);
        var since = writing == 0 ? answered : answered == 0 ? writing : Math.Min(writing, answered);
        return since == 0 ? TimeSpan.Zero : time.GetElapsedTime(since, now);
    }

    internal void Becomes(Standing standing)
    {
        Standing = standing;
        _isStranger = standing == Standing.Stranger;
    }
}
