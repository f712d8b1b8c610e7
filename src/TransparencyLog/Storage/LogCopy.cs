using TransparencyLog.Merkle;
using TransparencyLog.Notes;

namespace TransparencyLog.Storage;

/// <summary>A copy of somebody else's log, kept to see that it only grows. Not safe for concurrent use.</summary>
internal sealed class LogCopy : IDisposable
{
    private readonly EntryStore _store;

    private LogCopy(EntryStore store) => _store = store;

    public long Size => _store.Tree.Size;

    /// <summary>The last checkpoint that was good; null before the first.</summary>
    public SignedNote? Note => _store.Sealed;

    /// <exception cref="InvalidDataException">The folder is damaged; says which file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static LogCopy Open(string folder) => new(EntryStore.Open(folder));

    /// <summary>How a checkpoint, its signature checked, stands to this copy: whether it is of the same log, grown or not.</summary>
    /// <returns>A fault that needs no entries to be seen; none where entries from <see cref="Size"/> on are to be fetched.</returns>
    public GrowthFault Compare(Checkpoint checkpoint) =>
        checkpoint.Size < Size ? (checkpoint.Root == _store.Tree.RootAt(checkpoint.Size) ? GrowthFault.Shrunk : GrowthFault.Forked)
        : checkpoint.Size == Size && checkpoint.Root != _store.Tree.Root ? GrowthFault.Forked
        : GrowthFault.None;

    /// <summary>Takes over the entries that were added, if they lead to the checkpoint's root.</summary>
    public GrowthFault Extend(SignedNote note, IReadOnlyList<ReadOnlyMemory<byte>> added)
    {
        var checkpoint = Checkpoint.Parse(note.Text)!;
        using (_store.Lock())
        {
            try
            {
                _store.Extend(added, tree => tree.Size == checkpoint.Size && tree.Root == checkpoint.Root ? note : throw new ForkedException());
                return GrowthFault.None;
            }
            catch (ForkedException)
            {
                return GrowthFault.Forked;
            }
        }
    }

    public bool Contains(MerkleHash leaf) => _store.Find(leaf) is not null;

    /// <summary>The first place of a leaf; -1 when it has none.</summary>
    public long FindFirst(MerkleHash leaf)
    {
        for (var index = 0L; index < Size; index++)
            if (_store.Tree.Node(0, index) == leaf) return index;
        return -1;
    }

    public byte[] ReadEntry(long index) => _store.ReadEntry(index);

    public void Dispose() => _store.Dispose();

    private sealed class ForkedException : Exception;
}

/// <summary>What a log has done that it must never do.</summary>
internal enum GrowthFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It shows a state of its past.</summary>
    Shrunk,

    /// <summary>It shows entries that are not those it has shown before.</summary>
    Forked,
}
