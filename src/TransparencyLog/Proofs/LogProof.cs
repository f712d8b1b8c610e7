using System.Globalization;
using System.Text;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;

namespace TransparencyLog.Proofs;

/// <summary>That an entry is in a log, as text that verifies by itself (C2SP tlog-proof).</summary>
/// <param name="Index">The place of the entry.</param>
/// <param name="Path">From its leaf to the root.</param>
/// <param name="Note">The log's checkpoint with all its signatures.</param>
internal sealed record LogProof(long Index, IReadOnlyList<MerkleHash> Path, SignedNote Note)
{
    private const string Header = "c2sp.org/tlog-proof@v1";
    private const string IndexWord = "index ";

    /// <summary>Reads a proof of up to 64 KiB; null when it is none.</summary>
    public static LogProof? Parse(ReadOnlySpan<byte> utf8) => utf8.Length > SignedNote.MaxSize ? null : Parse(Encoding.UTF8.GetString(utf8));

    public static LogProof? Parse(string text)
    {
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0) return null;
        var lines = text[..end].Split('\n').ToList();
        if (lines[0] != Header) return null;
        // Of others; nothing here depends on it.
        if (lines.Count > 1 && lines[1].StartsWith("extra ", StringComparison.Ordinal)) lines.RemoveAt(1);
        if (lines.Count < 2 || lines.Count > 2 + MerkleProof.MostHashes || !lines[1].StartsWith(IndexWord, StringComparison.Ordinal)) return null;
        if (!Checkpoint.TryParseSize(lines[1][IndexWord.Length..], out var index)) return null;
        return Hashes(lines.Skip(2)) is { } path && SignedNote.Parse(text[(end + 2)..]) is { } note ? new LogProof(index, path, note) : null;
    }

    /// <summary>Hashes, one a line; null when a line is none.</summary>
    public static List<MerkleHash>? Hashes(IEnumerable<string> lines)
    {
        List<MerkleHash> hashes = [];
        foreach (var line in lines)
        {
            if (!MerkleHash.TryParse(line, out var hash)) return null;
            hashes.Add(hash);
        }

        return hashes;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Header}\n{IndexWord}{Index}\n{string.Concat(Path.Select(static hash => $"{hash}\n"))}\n{Note}");
}
