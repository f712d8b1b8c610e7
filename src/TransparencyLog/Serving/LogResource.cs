using System.Globalization;
using System.Text;
using TransparencyLog.Merkle;
using TransparencyLog.Notes;
using TransparencyLog.Storage;

namespace TransparencyLog.Serving;

/// <summary>What a reader gets: checkpoint, tiles and entries as any static host has them, and proofs for those who do not want to make them.</summary>
/// <param name="MediaType">Of the body.</param>
/// <param name="IsLasting">It never changes.</param>
/// <param name="Body">The bytes.</param>
internal sealed record LogResource(string MediaType, bool IsLasting, byte[] Body)
{
    public const string CheckpointPath = "checkpoint";
    public const string ProofPath = "proof/";
    public const string ConsistencyPath = "consistency/";

    private const string Text = "text/plain; charset=utf-8";

    /// <summary>Finds <c>checkpoint</c>, <c>tile/...</c>, <c>proof/LEAF</c> (base64url of the leaf's hash) or <c>consistency/FROM/SIZE</c>; null when there is none.</summary>
    public static LogResource? Find(StoredLog log, string path)
    {
        if (path == CheckpointPath) return new LogResource(Text, false, Encoding.UTF8.GetBytes(log.Published.ToString()));
        if (path.StartsWith(ProofPath, StringComparison.Ordinal)) return Proof(log, path[ProofPath.Length..]);
        if (path.StartsWith(ConsistencyPath, StringComparison.Ordinal)) return Consistency(log, path[ConsistencyPath.Length..].Split('/'));
        if (TilePath.Parse(path) is not { } tile) return null;
        var bytes = tile.Level == TilePath.Entries ? log.ReadBundle(tile.Index, tile.Width) : log.ReadTile(tile.Level, tile.Index, tile.Width);
        return bytes is null ? null : new LogResource("application/octet-stream", true, bytes);
    }

    /// <summary>The last part of the path of a proof.</summary>
    public static string NameOf(MerkleHash leaf) => leaf.ToString().TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static LogResource? Proof(StoredLog log, string name) =>
        MerkleHash.TryParse(name.Replace('-', '+').Replace('_', '/') + "=", out var leaf) && log.Prove(leaf) is { } proof ? new LogResource(Text, false, Encoding.UTF8.GetBytes(proof.ToString())) : null;

    private static LogResource? Consistency(StoredLog log, string[] sizes) =>
        sizes.Length == 2 && Checkpoint.TryParseSize(sizes[0], out var from) && Checkpoint.TryParseSize(sizes[1], out var size) && log.ProveConsistency(from, size) is { } path
            ? new LogResource(Text, true, Encoding.UTF8.GetBytes(string.Concat(path.Select(static hash => string.Create(CultureInfo.InvariantCulture, $"{hash}\n")))))
            : null;
}
