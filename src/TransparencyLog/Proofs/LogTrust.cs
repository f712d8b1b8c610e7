using TransparencyLog.Merkle;
using TransparencyLog.Notes;

namespace TransparencyLog.Proofs;

/// <summary>When an entry of a log is believed to be there for everybody: in a checkpoint signed by the log and by enough cosigners, not long ago.</summary>
/// <param name="Log">The log's key; its name is the origin.</param>
/// <param name="Cosigners">Who may have cosigned.</param>
/// <param name="Quorum">How many of them must have.</param>
/// <param name="Age">How old a cosignature may be: a log that shows somebody its past is found out after it.</param>
internal sealed record LogTrust(NoteKey Log, IReadOnlyList<NoteKey> Cosigners, int Quorum, TimeSpan Age)
{
    /// <summary>Clocks of cosigners and readers differ.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong with a proof that an entry is in the log.</summary>
    public ProofFault Check(LogProof proof, MerkleHash leaf, DateTimeOffset now)
    {
        if (Check(proof.Note, now, out var checkpoint) is not ProofFault.None and var fault) return fault;
        return MerkleProof.IsIncluded(leaf, proof.Index, checkpoint!.Size, checkpoint.Root, proof.Path) ? ProofFault.None : ProofFault.NotIncluded;
    }

    /// <summary>What is wrong with a checkpoint.</summary>
    public ProofFault Check(SignedNote note, DateTimeOffset now, out Checkpoint? checkpoint)
    {
        checkpoint = Checkpoint.Parse(note.Text);
        if (checkpoint is null) return ProofFault.Malformed;
        if (checkpoint.Origin != Log.Name) return ProofFault.OtherLog;
        if (Log.Check(note) is not { IsGood: true }) return ProofFault.NotSigned;
        var (good, stale) = (0, 0);
        foreach (var cosigner in Cosigners)
        {
            if (cosigner.Check(note) is not { } check) continue;
            // A note with a bad signature of a known key is no note (C2SP signed-note).
            if (!check.IsGood) return ProofFault.BadCosignature;
            if (check.Time > now + _clockSkew || check.Time < now - Age) stale++;
            else good++;
        }

        return good >= Quorum ? ProofFault.None : good + stale >= Quorum ? ProofFault.Stale : ProofFault.TooFewCosigners;
    }
}
