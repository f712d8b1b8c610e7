using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;

namespace TransparencyLog.Storage;

/// <summary>Compares two entries.</summary>
internal delegate bool EntryComparison(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> earlier);

/// <summary>
/// A log that is written here, and signed. Appended entries are durable when the call returns; readers see them with <see cref="Publish"/>, which adds what
/// cosigners say. It never signs two heads of which one is not the beginning of the other. Safe for concurrent use, in several processes too.
/// </summary>
internal sealed class StoredLog : IDisposable
{
    private const string PublishedName = "published";

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly EntryStore _store;
    private readonly NoteSigner _signer;
    private readonly TimeProvider _time;
    private SignedNote? _published;

    private StoredLog(string folder, EntryStore store, NoteSigner signer, TimeProvider time) => (_folder, _store, _signer, _time) = (folder, store, signer, time);

    /// <summary>The public key; its name is the origin.</summary>
    public NoteKey Key => _signer.Key;

    /// <summary>The newest checkpoint, with the log's own signature alone.</summary>
    public SignedNote Head
    {
        get
        {
            lock (_gate)
            {
                _store.Refresh();
                return _store.Sealed!;
            }
        }
    }

    /// <summary>The checkpoint that readers are shown.</summary>
    public SignedNote Published
    {
        get
        {
            lock (_gate) return ReadPublished();
        }
    }

    /// <summary>Opens a log and begins it when it is not there. The signer is the caller's.</summary>
    /// <exception cref="InvalidDataException">The folder is damaged, or of another key; says which file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static StoredLog Open(string folder, NoteSigner signer, TimeProvider time)
    {
        var store = EntryStore.Open(folder);
        try
        {
            using (store.Lock())
            {
                store.Refresh();
                if (store.Sealed is null) store.Extend([], tree => Seal(tree, signer, time));
            }

            if (Checkpoint.Parse(store.Sealed!.Text)!.Origin != signer.Key.Name || signer.Key.Check(store.Sealed) is not { IsGood: true })
                throw new InvalidDataException($"The log in '{folder}' was signed with another key or name than {signer.Key.Name}'s.");
            return new StoredLog(folder, store, signer, time);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Appends an entry, unless it is the last one already.</summary>
    /// <param name="entry">1 to 65,535 bytes.</param>
    /// <param name="isSuccessor">Where entries of several subjects follow each other: whether an entry is of the same subject as an earlier one.</param>
    /// <returns>Whether it was appended.</returns>
    /// <exception cref="IOException">It cannot be written; the log is as it was.</exception>
    public bool Append(ReadOnlyMemory<byte> entry, EntryComparison? isSuccessor = null)
    {
        lock (_gate)
            using (_store.Lock())
            {
                _store.Refresh();
                if (IsLast(entry.Span, isSuccessor)) return false;
                _store.Extend([entry], tree => Seal(tree, _signer, _time));
                return true;
            }
    }

    /// <summary>Shows a head to readers, with cosignatures; one that is smaller than what they see already is not shown.</summary>
    public void Publish(SignedNote head, IEnumerable<NoteSignature> cosignatures)
    {
        lock (_gate)
            using (_store.Lock())
            {
                if (SizeOf(head) < SizeOf(ReadPublished())) return;
                _published = head.With(cosignatures);
                EntryStore.Replace(Path.Combine(_folder, PublishedName), _published.ToString());
            }
    }

    /// <summary>Entries from one on, each by itself.</summary>
    public IReadOnlyList<byte[]> ReadEntries(long start)
    {
        lock (_gate)
        {
            _store.Refresh();
            return [.. Enumerable.Range((int)start, (int)Math.Max(0, _store.Tree.Size - start)).Select(index => _store.ReadEntry(index))];
        }
    }

    /// <summary>Proves to readers that an entry is in the log; null when it is not in what they see.</summary>
    public LogProof? Prove(MerkleHash leaf)
    {
        lock (_gate)
        {
            var note = ReadPublished();
            var size = SizeOf(note);
            return _store.Find(leaf) is { } index && index < size ? new LogProof(index, _store.Tree.ProveInclusion(index, size), note) : null;
        }
    }

    /// <summary>Proves that a size of the log is the beginning of a later one; null when it has not had them.</summary>
    public IReadOnlyList<MerkleHash>? ProveConsistency(long from, long size)
    {
        lock (_gate)
        {
            _store.Refresh();
            return from < 0 || from > size || size > _store.Tree.Size ? null : _store.Tree.ProveConsistency(from, size);
        }
    }

    /// <summary>The hashes of a tile (C2SP tlog-tiles), or null when they are not all there.</summary>
    public byte[]? ReadTile(int level, long index, int width)
    {
        lock (_gate)
        {
            _ = ReadPublished();
            if (level * 8 > 62 || index >= (_store.Tree.Size >> (level * 8) >> 8) + 1 || (index << 8) + width > _store.Tree.Size >> (level * 8)) return null;
            var bytes = new byte[width * MerkleHash.Size];
            for (var i = 0; i < width; i++) _store.Tree.Node(level * 8, (index << 8) + i).CopyTo(bytes.AsSpan(i * MerkleHash.Size));
            return bytes;
        }
    }

    /// <summary>A bundle of entries, or null when they are not all there.</summary>
    public byte[]? ReadBundle(long index, int width)
    {
        lock (_gate)
        {
            _ = ReadPublished();
            return index >= (_store.Tree.Size >> 8) + 1 || (index << 8) + width > _store.Tree.Size ? null : _store.ReadBundle(index << 8, width);
        }
    }

    public void Dispose() => _store.Dispose();

    private static SignedNote Seal(MerkleTree tree, NoteSigner signer, TimeProvider time)
    {
        var text = new Checkpoint(signer.Key.Name, tree.Size, tree.Root).Text;
        return new SignedNote(text, [signer.Sign(text, time.GetUtcNow())]);
    }

    private bool IsLast(ReadOnlySpan<byte> entry, EntryComparison? isSuccessor)
    {
        var leaf = MerkleHash.OfLeaf(entry);
        if (_store.Find(leaf) is not { } place) return false;
        for (var index = _store.Tree.Size - 1; index > place; index--)
            if (isSuccessor is null || isSuccessor(entry, _store.ReadEntry(index))) return false;
        return true;
    }

    private static long SizeOf(SignedNote note) => Checkpoint.Parse(note.Text)!.Size;

    /// <summary>What this or another process has published last; before the first time the head.</summary>
    private SignedNote ReadPublished()
    {
        _store.Refresh();
        var path = Path.Combine(_folder, PublishedName);
        if (!File.Exists(path)) return _store.Sealed!;
        var text = File.ReadAllText(path);
        if (text == _published?.ToString()) return _published;
        // Of a head that this folder does not have (an older copy was restored), or damaged: the head itself is good.
        var note = SignedNote.Parse(text);
        if (note is null || Checkpoint.Parse(note.Text) is not { } checkpoint || checkpoint.Size > _store.Tree.Size || checkpoint.Root != _store.Tree.RootAt(checkpoint.Size)) return _store.Sealed!;
        return _published = note;
    }
}
