using System.Globalization;
using System.Text;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;

namespace TransparencyLog.Witnesses;

/// <summary>What a log asks a witness to cosign (C2SP tlog-witness, add-checkpoint).</summary>
/// <param name="OldSize">What the witness has cosigned last.</param>
/// <param name="Path">That the checkpoint has grown from it.</param>
/// <param name="Note">The checkpoint.</param>
internal sealed record WitnessRequest(long OldSize, IReadOnlyList<MerkleHash> Path, SignedNote Note)
{
    public const int MaxSize = 32 * 1024;

    private const string Old = "old ";

    /// <summary>Null when it is none.</summary>
    public static WitnessRequest? Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxSize) return null;
        var text = Encoding.UTF8.GetString(utf8);
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0) return null;
        var lines = text[..end].Split('\n');
        if (lines.Length > 1 + MerkleProof.MostHashes || !lines[0].StartsWith(Old, StringComparison.Ordinal) || !Checkpoint.TryParseSize(lines[0][Old.Length..], out var old)) return null;
        return LogProof.Hashes(lines.Skip(1)) is { } path && SignedNote.Parse(text[(end + 2)..]) is { } note ? new WitnessRequest(old, path, note) : null;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Old}{OldSize}\n{string.Concat(Path.Select(static hash => $"{hash}\n"))}\n{Note}");
}
