using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.LoadTests.Placement;

/// <summary>What becomes of one token: whether it can be spent when it comes, and whether it could be spent again later.</summary>
internal readonly record struct TokenFate(bool Refused, bool ForgottenForATime, bool ForgottenForGood)
{
    /// <param name="fleet">Where.</param>
    /// <param name="key">The token.</param>
    /// <param name="proxy">Who is asked to spend it.</param>
    /// <param name="spentAt">When.</param>
    /// <param name="nodes">Gets the numbers of its nodes.</param>
    public static TokenFate Of(Fleet fleet, in SpentTokenKey key, int proxy, double spentAt, Span<int> nodes)
    {
        fleet.Choice.Choose(key, nodes);
        Span<NodeState> states = stackalloc NodeState[nodes.Length];
        Span<bool> holds = stackalloc bool[nodes.Length];
        Span<(int Absence, int Step)> next = stackalloc (int, int)[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            var timeline = fleet.Timelines[nodes[i]];
            states[i] = timeline.At(spentAt);
            // One that has no vote stores it all the same.
            holds[i] = states[i] != NodeState.Down;
            var last = timeline.Last(spentAt);
            next[i] = states[i] switch { NodeState.Up => (last + 1, 0), NodeState.Down => (last, 1), _ => (last, 2) };
        }

        var majority = VoteCount.Majority(nodes.Length);
        if (VotesOf(states) < majority) return new TokenFate(Refused: true, false, false);
        var journalEnd = fleet.JournalEnd(proxy, spentAt);
        var forgotten = false;
        while (TakeNext(fleet, nodes, next, out var node, out var time, out var step, out var losesMemory))
        {
            switch (step)
            {
                case 0:
                    states[node] = NodeState.Down;
                    holds[node] &= !losesMemory;
                    break;
                case 1:
                    // Owed, or lost: the journal of the proxy that accepted it gives it back before the node votes.
                    states[node] = losesMemory ? NodeState.Syncing : NodeState.Up;
                    holds[node] |= time < journalEnd;
                    break;
                default:
                    states[node] = NodeState.Up;
                    break;
            }

            forgotten |= IsForgotten(states, holds, majority);
        }

        return new TokenFate(Refused: false, forgotten, ForgottenForGood: !holds.Contains(true));
    }

    /// <summary>A majority would vote for it and none that is asked holds it.</summary>
    private static bool IsForgotten(ReadOnlySpan<NodeState> states, ReadOnlySpan<bool> holds, int majority)
    {
        for (var i = 0; i < states.Length; i++)
            if (states[i] != NodeState.Down && holds[i]) return false;
        return VotesOf(states) >= majority;
    }

    private static int VotesOf(ReadOnlySpan<NodeState> states)
    {
        var votes = 0;
        foreach (var state in states)
            if (state == NodeState.Up) votes++;
        return votes;
    }

    /// <summary>The next thing that happens to any of its nodes.</summary>
    private static bool TakeNext(Fleet fleet, ReadOnlySpan<int> nodes, Span<(int Absence, int Step)> next, out int node, out double time, out int step, out bool losesMemory)
    {
        (node, time, step, losesMemory) = (-1, fleet.Seconds, 0, false);
        for (var i = 0; i < nodes.Length; i++)
        {
            var absences = fleet.Timelines[nodes[i]].Absences;
            if (next[i].Absence >= absences.Count) continue;
            var absence = absences[next[i].Absence];
            var at = next[i].Step switch { 0 => absence.Down, 1 => absence.Back, _ => absence.Votes };
            if (at >= time) continue;
            (node, time, step, losesMemory) = (i, at, next[i].Step, absence.LosesMemory);
        }

        if (node < 0) return false;
        var isLast = step == 2 || (step == 1 && !losesMemory);
        next[node] = isLast ? (next[node].Absence + 1, 0) : (next[node].Absence, step + 1);
        return true;
    }
}
