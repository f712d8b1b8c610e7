using TransparencyLog.Merkle;
using TransparencyLog.Proofs;

namespace TransparencyLog.Reading;

/// <summary>Answers whether an entry is in a log for everybody to see. Asked when something new is taken into use, never for each use.</summary>
internal sealed class AuditedLog(LogReader reader, LogTrust trust, TimeProvider time)
{
    /// <summary>Of a log without proofs, up to which size its tiles are read.</summary>
    private const long LargestTree = 1 << 16;

    public LogTrust Trust => trust;

    /// <summary>Asks the log for its proof, or makes it from the tiles where the log is on a host of mere files.</summary>
    /// <returns>What is wrong, and a word for a person about it.</returns>
    public async Task<AuditAnswer> CheckAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellationToken)
    {
        var leaf = MerkleHash.OfLeaf(entry.Span);
        try
        {
            if (await reader.ReadProofAsync(leaf, cancellationToken) is { } proof) return new AuditAnswer(trust.Check(proof, leaf, time.GetUtcNow()), proof);
            return await CheckTilesAsync(leaf, cancellationToken);
        }
        catch (LogUnreachableException e)
        {
            return new AuditAnswer(ProofFault.Unreachable, Proof: null, e.Message);
        }
    }

    private async Task<AuditAnswer> CheckTilesAsync(MerkleHash leaf, CancellationToken cancellationToken)
    {
        var note = await reader.ReadCheckpointAsync(cancellationToken);
        if (trust.Check(note, time.GetUtcNow(), out var checkpoint) is not ProofFault.None and var fault) return new AuditAnswer(fault, Proof: null);
        if (checkpoint!.Size > LargestTree) return new AuditAnswer(ProofFault.NotLogged, Proof: null);
        var tree = await reader.ReadTreeAsync(checkpoint.Size, cancellationToken);
        if (tree.Root != checkpoint.Root) return new AuditAnswer(ProofFault.NotIncluded, Proof: null);
        for (var index = tree.Size - 1; index >= 0; index--)
            if (tree.Node(0, index) == leaf) return new AuditAnswer(ProofFault.None, new LogProof(index, tree.ProveInclusion(index, tree.Size), note));
        return new AuditAnswer(ProofFault.NotLogged, Proof: null);
    }
}

/// <summary>Whether an entry is in a log for everybody to see.</summary>
/// <param name="Fault">None when it is.</param>
/// <param name="Proof">Of the log, where it gave one.</param>
/// <param name="Details">More about the fault, for a person.</param>
internal sealed record AuditAnswer(ProofFault Fault, LogProof? Proof, string? Details = null)
{
    public bool IsGood => Fault == ProofFault.None;

    /// <summary>Why not, for a person.</summary>
    public string Reason => Fault switch
    {
        ProofFault.None => "it is in the log",
        ProofFault.Malformed => "its proof is malformed",
        ProofFault.OtherLog => "its proof is of another log",
        ProofFault.NotSigned => "the log's checkpoint is not signed by the log's key",
        ProofFault.BadCosignature => "a cosignature of the log's checkpoint is wrong",
        ProofFault.TooFewCosigners => "too few auditors have cosigned the log's checkpoint",
        ProofFault.Stale => "the auditors have cosigned the log's checkpoint too long ago",
        ProofFault.NotIncluded => "its proof does not lead to the log's root",
        ProofFault.NotLogged => "it is not in the log",
        _ => Details ?? "the log cannot be asked",
    };
}
