using System.Buffers.Binary;
using System.Text;
using TransparencyLog.Merkle;
using TransparencyLog.Native;
using TransparencyLog.Notes;

namespace TransparencyLog.Storage;

/// <summary>
/// The entries of a log in a folder, their tree in memory, and the checkpoint that seals them. Entries that no checkpoint counts, torn or whole, are what
/// a crash left behind: they are dropped. Not safe for concurrent use in a process; several processes may have one folder, each that writes under <see cref="Lock"/>.
/// </summary>
internal sealed class EntryStore : IDisposable
{
    /// <summary>The largest entry: bundles have two bytes for its length (C2SP tlog-tiles).</summary>
    public const int LargestEntry = ushort.MaxValue;

    private const string EntriesName = "entries";
    private const string CheckpointName = "checkpoint";
    private const string LockName = "log.lock";

    private static readonly TimeSpan _lockPatience = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly FileStream _entries;
    private readonly List<long> _ends = [0];
    private readonly Dictionary<MerkleHash, long> _places = [];

    private EntryStore(string folder)
    {
        _folder = folder;
        _entries = new FileStream(Path.Combine(folder, EntriesName), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 });
    }

    public MerkleTree Tree { get; } = new();

    /// <summary>The checkpoint in force; null before the first.</summary>
    public SignedNote? Sealed { get; private set; }

    /// <summary>Opens a folder and makes it when it is not there.</summary>
    /// <exception cref="InvalidDataException">Entries are missing or are not those of the checkpoint; names the file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static EntryStore Open(string folder)
    {
        Directory.CreateDirectory(folder);
        var store = new EntryStore(folder);
        try
        {
            store.Refresh();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Keeps other processes from writing until it is disposed.</summary>
    /// <exception cref="IOException">Another has kept it for ten seconds.</exception>
    public FileStream Lock()
    {
        var until = Environment.TickCount64 + (long)_lockPatience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(_folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Environment.TickCount64 < until)
            {
                Thread.Sleep(5);
            }
        }
    }

    /// <summary>Takes over what another process has sealed since; cheap when nothing has changed.</summary>
    /// <exception cref="InvalidDataException">Entries are missing or are not those of the checkpoint.</exception>
    public void Refresh()
    {
        var path = Path.Combine(_folder, CheckpointName);
        if (!File.Exists(path)) return;
        var text = File.ReadAllText(path);
        if (text == Sealed?.ToString()) return;
        var note = SignedNote.Parse(text);
        if (note is null || Checkpoint.Parse(note.Text) is not { } checkpoint) throw new InvalidDataException($"'{path}' is not a checkpoint. Restore it, or move the folder away to begin another log.");
        if (checkpoint.Size < Tree.Size) throw new InvalidDataException($"'{path}' has become smaller: it was replaced by an older one.");
        Load(checkpoint.Size);
        if (Tree.Root != checkpoint.Root) throw new InvalidDataException($"The entries in '{_folder}' are not those of its checkpoint. Restore both, or move the folder away to begin another log.");
        Sealed = note;
    }

    /// <summary>Writes entries, then a checkpoint of them; after a crash both are there or neither. Under <see cref="Lock"/>.</summary>
    /// <param name="added">The entries, 1 to 65,535 bytes each.</param>
    /// <param name="seal">Signs the tree as it is then; when it throws, nothing has changed.</param>
    /// <exception cref="IOException">It cannot be written; nothing has changed.</exception>
    public void Extend(IReadOnlyList<ReadOnlyMemory<byte>> added, Func<MerkleTree, SignedNote> seal)
    {
        var size = Tree.Size;
        try
        {
            Write(added);
            foreach (var entry in added) Take(entry.Span);
            var note = seal(Tree);
            Replace(Path.Combine(_folder, CheckpointName), note.ToString());
            Sealed = note;
        }
        catch
        {
            Drop(size);
            throw;
        }
    }

    /// <summary>The latest place of an entry with this leaf hash; null when there is none.</summary>
    public long? Find(MerkleHash leaf) => _places.TryGetValue(leaf, out var index) ? index : null;

    public byte[] ReadEntry(long index) => ReadBundle(index, 1)[sizeof(ushort)..];

    /// <summary>Entries with their lengths, one after the other (C2SP tlog-tiles).</summary>
    public byte[] ReadBundle(long start, int count)
    {
        var bytes = new byte[_ends[(int)start + count] - _ends[(int)start]];
        ReadAt(_ends[(int)start], bytes);
        return bytes;
    }

    /// <summary>Writes a file whole or not at all, and durably.</summary>
    public static void Replace(string path, string text)
    {
        var partial = $"{path}.{Environment.ProcessId}.tmp";
        using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    public void Dispose() => _entries.Dispose();

    private void Load(long size)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ushort)];
        while (Tree.Size < size)
        {
            var start = _ends[^1];
            if (!TryReadAt(start, prefix)) throw Missing();
            var entry = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
            if (entry.Length == 0 || !TryReadAt(start + prefix.Length, entry)) throw Missing();
            Take(entry);
        }

        InvalidDataException Missing() => new($"'{_entries.Name}' holds fewer entries than its checkpoint counts. Restore it, or move the folder away to begin another log.");
    }

    private void Write(IReadOnlyList<ReadOnlyMemory<byte>> added)
    {
        // What lies beyond the sealed ones is of a crash, or of a write that failed.
        _entries.SetLength(_ends[^1]);
        _entries.Position = _ends[^1];
        using var buffer = new MemoryStream();
        Span<byte> prefix = stackalloc byte[sizeof(ushort)];
        foreach (var entry in added)
        {
            if (entry.Length is 0 or > LargestEntry) throw new ArgumentException("An entry has 1 to 65,535 bytes.", nameof(added));
            BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)entry.Length);
            buffer.Write(prefix);
            buffer.Write(entry.Span);
        }

        _entries.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
        _entries.Flush(flushToDisk: true);
    }

    private void Take(ReadOnlySpan<byte> entry)
    {
        var leaf = MerkleHash.OfLeaf(entry);
        _places[leaf] = Tree.Size;
        Tree.Append(leaf);
        _ends.Add(_ends[^1] + sizeof(ushort) + entry.Length);
    }

    private void Drop(long size)
    {
        for (var index = size; index < Tree.Size; index++) _places.Remove(Tree.Node(0, index));
        Tree.Truncate(size);
        _ends.RemoveRange((int)size + 1, _ends.Count - (int)size - 1);
        // One of them may have been there before.
        for (var index = 0L; index < size; index++) _places[Tree.Node(0, index)] = index;
    }

    private void ReadAt(long offset, Span<byte> bytes)
    {
        if (!TryReadAt(offset, bytes)) throw new InvalidDataException($"'{_entries.Name}' has become shorter.");
    }

    private bool TryReadAt(long offset, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(_entries.SafeFileHandle, bytes, offset);
            if (read == 0) return false;
            bytes = bytes[read..];
            offset += read;
        }

        return true;
    }
}
