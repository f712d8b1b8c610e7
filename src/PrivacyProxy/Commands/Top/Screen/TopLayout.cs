using PrivacyProxy.Commands.Top.Watching;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>Puts the sections into a frame. Made for 80 columns and 24 rows; more of either shows more.</summary>
internal static class TopLayout
{
    public const int Columns = 80;

    /// <summary>Header, tunnels, the heads of three lists, and a blank line before each section.</summary>
    private const int FixedRows = 2 + TunnelSection.Height + 3 + 4;

    /// <summary>A proxy has a dozen results and a few nodes; whatever claims more is cut.</summary>
    private const int MostRows = 50;

    /// <param name="state">What to show.</param>
    /// <param name="now">The present, on the clock of the scrapes.</param>
    /// <param name="width">Columns there are. Fewer than 80 are for the frame to cut.</param>
    /// <param name="height">Rows there are; null where rows are no matter.</param>
    /// <param name="isUnicode">False where only ASCII can be written.</param>
    /// <param name="isLive">True when keys are read.</param>
    public static IReadOnlyList<FrameLine> Lines(TopState state, TimeSpan now, int width, int? height, bool isUnicode, bool isLive)
    {
        width = Math.Max(Columns, width);
        var latencies = LatencySection.Rows(state);
        var nodes = StoreSection.Nodes(state.Change);
        var rows = Allot((height ?? int.MaxValue) - FixedRows, (Math.Max(1, latencies.Count), 4), (nodes.Count, 3), (OutcomeSection.Rows(state.Change), 4));
        List<FrameLine> lines =
        [
            .. HeaderSection.Lines(state, now, width, isLive),
            FrameLine.Empty,
            .. TunnelSection.Lines(state.Change, width),
            FrameLine.Empty,
            .. OutcomeSection.Lines(state.Change, width, rows[2]),
            FrameLine.Empty,
            .. LatencySection.Lines(state, [.. latencies.Take(rows[0])], now, width, isUnicode),
            FrameLine.Empty,
            .. StoreSection.Lines(state.Change, nodes, width, rows[1]),
        ];
        return height < lines.Count ? lines[..Math.Max(1, height.Value)] : lines;
    }

    /// <summary>Gives every list the rows it must have, then the others one by one to those that want more.</summary>
    private static int[] Allot(int rows, params ReadOnlySpan<(int Wanted, int Least)> lists)
    {
        var given = new int[lists.Length];
        for (var list = 0; list < lists.Length; list++)
        {
            given[list] = Math.Min(lists[list].Wanted, lists[list].Least);
            rows -= given[list];
        }

        for (var before = -1; rows > 0 && before != rows;)
        {
            before = rows;
            for (var list = 0; list < lists.Length && rows > 0; list++)
            {
                if (given[list] >= Math.Min(lists[list].Wanted, MostRows)) continue;
                given[list]++;
                rows--;
            }
        }

        return given;
    }
}
