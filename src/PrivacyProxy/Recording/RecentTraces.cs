using System.Diagnostics;

namespace PrivacyProxy.Recording;

/// <summary>The latest kept traces, in memory and bounded. Each reason has its own room, so that many of one push out none of another.</summary>
internal sealed class RecentTraces
{
    /// <summary>Traces held for each <see cref="KeptReason"/>.</summary>
    public const int PerReason = 512;

    private readonly Lock _gate = new();
    private readonly Queue<KeptTrace>[] _rooms = [.. Enum.GetValues<KeptReason>().Select(static _ => new Queue<KeptTrace>())];

    public void Add(KeptTrace trace)
    {
        var room = _rooms[(int)trace.Reason];
        lock (_gate)
        {
            if (room.Count == PerReason) room.Dequeue();
            room.Enqueue(trace);
        }
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<KeptTrace> Newest(int most)
    {
        lock (_gate) return [.. _rooms.SelectMany(static room => room).OrderByDescending(static trace => trace.StartedAt).Take(most)];
    }

    /// <summary>Those of an id, the oldest first: a trusted upstream hop may send several requests in one trace.</summary>
    public IReadOnlyList<KeptTrace> Find(ActivityTraceId id)
    {
        lock (_gate) return [.. _rooms.SelectMany(static room => room).Where(trace => trace.TraceId == id).OrderBy(static trace => trace.StartedAt)];
    }
}
