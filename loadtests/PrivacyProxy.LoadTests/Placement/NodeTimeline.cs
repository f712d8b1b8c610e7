namespace PrivacyProxy.LoadTests.Placement;

/// <summary>What becomes of one node: when it is away, and when it has a vote again.</summary>
/// <param name="absences">In order, none within another.</param>
internal sealed class NodeTimeline(IReadOnlyList<Absence> absences)
{
    public IReadOnlyList<Absence> Absences => absences;

    public NodeState At(double time)
    {
        var last = Last(time);
        if (last < 0 || time >= absences[last].Votes) return NodeState.Up;
        return time < absences[last].Back ? NodeState.Down : NodeState.Syncing;
    }

    /// <summary>The number of the last absence that has begun; -1 before the first.</summary>
    public int Last(double time)
    {
        var (low, high) = (0, absences.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (absences[middle].Down <= time) low = middle + 1;
            else high = middle;
        }

        return low - 1;
    }
}

/// <summary>Seconds from the beginning.</summary>
/// <param name="Down">It goes.</param>
/// <param name="Back">It answers again.</param>
/// <param name="Votes">It has a vote again: at once, if it has its memory.</param>
/// <param name="LosesMemory">Whether it comes back empty.</param>
internal readonly record struct Absence(double Down, double Back, double Votes, bool LosesMemory);

/// <summary>What a node is good for.</summary>
internal enum NodeState
{
    /// <summary>It votes.</summary>
    Up,

    /// <summary>It lost its memory and is given the journals: what it holds counts, what it does not hold says nothing.</summary>
    Syncing,

    /// <summary>It is not asked.</summary>
    Down,
}
