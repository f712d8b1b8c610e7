using System.Globalization;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Reading;
using TransparencyLog.Storage;

namespace TransparencyLog.Witnesses;

/// <summary>
/// Follows one log with a copy of its entries, and cosigns each head that the copy leads to: "this is the largest head I know, it contains all earlier ones, and
/// I have its entries" (C2SP tlog-cosignature). Asked by the log itself (C2SP tlog-witness) or by its own clock; one at a time.
/// </summary>
internal sealed class Cosigner : IDisposable
{
    public const string AddCheckpointPath = "add-checkpoint";

    private const string CosignedName = "cosigned";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly NoteKey _log;
    private readonly NoteSigner _signer;
    private readonly LogReader _reader;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private long _published;
    private bool _wasLate;

    /// <param name="log">The log's key.</param>
    /// <param name="signer">Cosigns.</param>
    /// <param name="reader">Reads the log.</param>
    /// <param name="folder">The copy's folder.</param>
    /// <param name="time">The time of cosignatures.</param>
    /// <exception cref="InvalidDataException">The folder is damaged; says which file.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public Cosigner(NoteKey log, NoteSigner signer, LogReader reader, string folder, TimeProvider time)
    {
        (_log, _signer, _reader, _folder, _time) = (log, signer, reader, folder, time);
        Copy = LogCopy.Open(folder);
        var path = Path.Combine(folder, CosignedName);
        if (File.Exists(path)) Cosigned = SignedNote.Parse(File.ReadAllText(path));
    }

    public NoteKey Log => _log;

    /// <summary>The entries as they are known.</summary>
    public LogCopy Copy { get; }

    /// <summary>The last head that was cosigned, with its signatures; null before the first.</summary>
    public SignedNote? Cosigned { get; private set; }

    /// <summary>The checkpoint that was read last; evidence where it has a fault.</summary>
    public SignedNote? Read { get; private set; }

    /// <summary>Why nothing of the log is cosigned, for a person; null while it is.</summary>
    public string? Disputed { get; set; }

    /// <summary>Reads the log's head and what was added.</summary>
    /// <param name="inTurn">Looks at the copy, and cosigns, before a log that asks has its turn.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the log has done that it must not.</returns>
    /// <exception cref="LogUnreachableException">It cannot be read.</exception>
    public async Task<GrowthFault> FollowAsync(Action<GrowthFault>? inTurn, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var note = await _reader.ReadCheckpointAsync(cancellationToken);
            if (Checkpoint.Parse(note.Text) is not { } checkpoint || checkpoint.Origin != _log.Name || _log.Check(note) is not { IsGood: true })
                throw new LogUnreachableException($"The checkpoint is not one that {_log.Name} has signed.");
            Read = note;
            var fault = await GrowAsync(note, checkpoint, cancellationToken);
            inTurn?.Invoke(fault);
            return fault;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Cosigns what was read last; nothing while the log is disputed. Called while looking at the copy.</summary>
    public void Cosign()
    {
        if (Copy.Note is { } note) _ = Sign(note);
    }

    /// <summary>Answers a log that asks (C2SP tlog-witness, add-checkpoint); its signature is good already.</summary>
    public async Task<WitnessAnswer> AddAsync(WitnessRequest request, CancellationToken cancellationToken)
    {
        if (Checkpoint.Parse(request.Note.Text) is not { } checkpoint || request.OldSize > checkpoint.Size) return WitnessAnswer.Of(400, "No checkpoint, or one that is smaller than the old size.");
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (request.OldSize != Copy.Size) return WitnessAnswer.Conflict(Copy.Size);
            var oldRoot = Copy.Note is { } old ? Checkpoint.Parse(old.Text)!.Root : MerkleHash.Empty;
            if (!MerkleProof.IsConsistent(request.OldSize, oldRoot, checkpoint.Size, checkpoint.Root, request.Path)) return WitnessAnswer.Of(422, "The checkpoint has not grown from the one before, or is not proved to have.");
            if (await ExtendAsync(request.Note, checkpoint, cancellationToken) != GrowthFault.None) return WitnessAnswer.Of(422, "The entries do not lead to the checkpoint's root.");
            return Sign(request.Note) is { } signature ? new WitnessAnswer(200, "text/plain; charset=utf-8", signature.ToString()) : WitnessAnswer.Of(403, $"Nothing of this log is cosigned: {Disputed}");
        }
        catch (LogUnreachableException)
        {
            return WitnessAnswer.Of(503, "The log's entries cannot be read.");
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        Copy.Dispose();
    }

    /// <summary>A head that was cosigned on request is published a moment later; not if it was late the last time already.</summary>
    private bool IsOnlyLate(long size)
    {
        if (size < _published || _wasLate) return false;
        return _wasLate = true;
    }

    private async Task<GrowthFault> GrowAsync(SignedNote note, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        if (Copy.Compare(checkpoint) is not GrowthFault.None and var fault) return fault == GrowthFault.Shrunk && IsOnlyLate(checkpoint.Size) ? GrowthFault.None : fault;
        (_published, _wasLate) = (checkpoint.Size, false);
        return await ExtendAsync(note, checkpoint, cancellationToken);
    }

    private async Task<GrowthFault> ExtendAsync(SignedNote note, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        if (checkpoint.Size == Copy.Size && Copy.Note is not null) return GrowthFault.None;
        return Copy.Extend(note, await _reader.ReadEntriesAsync(Copy.Size, checkpoint.Size, cancellationToken));
    }

    private NoteSignature? Sign(SignedNote note)
    {
        if (Disputed is not null) return null;
        var signature = _signer.Sign(note.Text, _time.GetUtcNow());
        // Only the log's own signature of what came in: the others are not checked.
        var own = note.Signatures.Where(candidate => candidate.Name == _log.Name && candidate.KeyId == _log.KeyId);
        Cosigned = new SignedNote(note.Text, [.. own, signature]);
        EntryStore.Replace(Path.Combine(_folder, CosignedName), Cosigned.ToString());
        return signature;
    }
}

/// <summary>The answer to a log that asks for a cosignature.</summary>
internal sealed record WitnessAnswer(int Status, string MediaType, string Body)
{
    public static WitnessAnswer Of(int status, string reason) => new(status, "text/plain; charset=utf-8", reason + "\n");

    /// <summary>What was cosigned last is of another size.</summary>
    public static WitnessAnswer Conflict(long size) => new(409, "text/x.tlog.size", string.Create(CultureInfo.InvariantCulture, $"{size}\n"));
}
