using System.Globalization;
using TransparencyLog.Merkle;

namespace TransparencyLog.Notes;

/// <summary>The head of a log's tree: the text of a note (C2SP tlog-checkpoint).</summary>
/// <param name="Origin">Which log.</param>
/// <param name="Size">How many entries.</param>
/// <param name="Root">The root of their tree.</param>
internal sealed record Checkpoint(string Origin, long Size, MerkleHash Root)
{
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root}\n");

    /// <summary>Reads the text of a note, extension lines and all; null when it is no checkpoint.</summary>
    public static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        // The last is what follows the last end of line: nothing.
        if (lines.Length < 4 || lines[^1].Length != 0 || lines[..^1].Any(static line => line.Length == 0)) return null;
        if (!TryParseSize(lines[1], out var size) || !MerkleHash.TryParse(lines[2], out var root)) return null;
        return new Checkpoint(lines[0], size, root);
    }

    /// <summary>A number of entries in its one spelling.</summary>
    public static bool TryParseSize(string text, out long size) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && text == size.ToString(CultureInfo.InvariantCulture);
}
