using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>Writes the journal to a server again, in chunks between which live checks get their turn.</summary>
/// <param name="journal">What this proxy accepted.</param>
/// <param name="holds">Whether the server is one of a token's replicas.</param>
/// <param name="add">Writes one entry to the server.</param>
/// <param name="chunk">How many entries are under way at once.</param>
/// <param name="mayLeaveOut">Whether an entry that failed may wait for another day; where not given, the whole waits for it.</param>
internal sealed class NodeReplay(SpendJournal journal, Func<SpentTokenKey, bool> holds, Func<SpentTokenKey, long, ValueTask<MemcachedReply>> add, int chunk, Func<MemcachedReply, bool>? mayLeaveOut = null)
{
    private readonly SpendJournal.Entry[] _entries = new SpendJournal.Entry[chunk];
    private readonly List<Task<MemcachedReply>> _answers = new(chunk);

    /// <summary>Writes everything from a number on.</summary>
    /// <returns>Null when all is written; else the number from which it must be tried again.</returns>
    public async Task<long?> WriteAsync(long from, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var start = from;
            var count = journal.Read(ref from, _entries);
            if (count == 0) return null;
            _answers.Clear();
            for (var i = 0; i < count; i++)
                if (holds(_entries[i].Key)) _answers.Add(add(_entries[i].Key, _entries[i].Exptime).AsTask());
            foreach (var answer in await Task.WhenAll(_answers))
                if (answer is not (MemcachedReply.Stored or MemcachedReply.NotStored) && mayLeaveOut?.Invoke(answer) != true) return start;
        }
        return from;
    }
}
