using System.Globalization;

namespace TransparencyLog.Serving;

/// <summary>Where a tile is (C2SP tlog-tiles): <c>tile/0/x001/234.p/56</c>, and <c>tile/entries/000</c> for entries.</summary>
/// <param name="Level">0 for leaves; -1 for entries.</param>
/// <param name="Index">Which of its level.</param>
/// <param name="Width">How many hashes or entries; 256 in a full one.</param>
internal readonly record struct TilePath(int Level, long Index, int Width)
{
    public const int Full = 256;
    public const int Entries = -1;

    private const string Root = "tile";
    private const string EntriesName = "entries";

    public override string ToString()
    {
        var index = string.Create(CultureInfo.InvariantCulture, $"{Index % 1000:000}");
        for (var rest = Index / 1000; rest > 0; rest /= 1000) index = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{index}");
        var level = Level == Entries ? EntriesName : Level.ToString(CultureInfo.InvariantCulture);
        return Width == Full ? $"{Root}/{level}/{index}" : string.Create(CultureInfo.InvariantCulture, $"{Root}/{level}/{index}.p/{Width}");
    }

    /// <summary>Reads a path, without a slash before it; null when it is not one, in its one spelling.</summary>
    public static TilePath? Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length is < 3 or > 9 || parts[0] != Root) return null;
        int level;
        if (parts[1] == EntriesName) level = Entries;
        else if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out level) || level > 63) return null;
        var width = Full;
        var last = parts.Length - 1;
        if (last > 2 && parts[last - 1].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(parts[last], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= Full) return null;
            last--;
            parts[last] = parts[last][..^2];
        }

        long index = 0;
        for (var i = 2; i <= last; i++)
        {
            var digits = i < last && parts[i].StartsWith('x') ? parts[i][1..] : parts[i];
            if (digits.Length != 3 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var part)) return null;
            index = (index * 1000) + part;
        }

        var path = new TilePath(level, index, width);
        return path.ToString() == text ? path : null;
    }

    /// <summary>The tiles and bundles of a log of this size.</summary>
    public static IEnumerable<TilePath> Of(long size)
    {
        for (var level = Entries; level == Entries || size >> (level * 8) > 0; level++)
        {
            var count = level == Entries ? size : size >> (level * 8);
            for (var index = 0L; index << 8 < count; index++) yield return new TilePath(level, index, (int)Math.Min(Full, count - (index << 8)));
        }
    }
}
