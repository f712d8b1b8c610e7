namespace TransparencyLog.Notes;

/// <summary>What a key signs: the signature types of C2SP signed-note.</summary>
internal enum NoteKeyKind : byte
{
    /// <summary>A note, as it is: a log's own checkpoints.</summary>
    Note = 1,

    /// <summary>A checkpoint, with the time (C2SP tlog-cosignature): a cosigner.</summary>
    Cosignature = 4,
}
