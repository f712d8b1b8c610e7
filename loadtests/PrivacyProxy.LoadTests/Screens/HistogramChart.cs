using PrivacyProxy.LoadTests.Measurements;
using Spectre.Console;

namespace PrivacyProxy.LoadTests.Screens;

/// <summary>Latency histograms side by side: a row for each range of latencies, a bar for each way that was measured.</summary>
internal static class HistogramChart
{
    private const int LabelWidth = 13;
    private const int ShareWidth = 5;

    // Microseconds; each row reaches to the next entry.
    private static readonly int[] _bounds = [0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 40_000, 50_000, 100_000];
    private static readonly Color[] _colors = [Color.Red, Color.Yellow, Color.Blue, Color.Green];

    public static void Draw(LoadScreen screen, IReadOnlyList<(string Name, LatencyHistogram Latencies)> ways)
    {
        var width = (LoadScreen.Columns - LabelWidth) / ways.Count;
        screen.Styled([("".PadRight(LabelWidth), Style.Plain), .. ways.Select((way, i) => (Cut(way.Name, width), new Style(Foreground(i), decoration: Decoration.Bold)))]);
        var used = Enumerable.Range(0, _bounds.Length).Where(row => ways.Any(way => Between(way.Latencies, row) > 0)).ToList();
        if (used.Count == 0) return;
        for (var row = used[0]; row <= used[^1]; row++)
        {
            var range = row;
            screen.Styled([(Label(row), Style.Plain), .. ways.Select((way, i) => (Bar(Between(way.Latencies, range), way.Latencies.Count, width, screen.HasUnicode), new Style(Foreground(i))))]);
        }
    }

    private static long Between(LatencyHistogram latencies, int row) =>
        latencies.CountBetween(TimeSpan.FromMicroseconds(_bounds[row]), row + 1 < _bounds.Length ? TimeSpan.FromMicroseconds(_bounds[row + 1]) : TimeSpan.MaxValue);

    private static string Label(int row)
    {
        if (row == _bounds.Length - 1) return "  >=  100 ms ";
        var (from, to) = (_bounds[row], _bounds[row + 1]);
        var (unit, scale) = to > 1_000 ? ("ms", 1_000) : ("us", 1);
        return $"{from / scale,4} -{to / scale,4} {unit} ";
    }

    /// <summary>As long as its share; what is there but too short for a full character still shows.</summary>
    private static string Bar(long count, long total, int width, bool unicode)
    {
        if (count == 0 || total == 0) return "".PadRight(width);
        var share = (double)count / total;
        var room = width - ShareWidth - 1;
        var length = (int)Math.Round(share * room);
        var bar = length > 0 ? new string(unicode ? '█' : '#', length) : unicode ? "▏" : ".";
        var percent = share >= 0.995 ? "100%" : share >= 0.0995 ? $"{share * 100:F0}%" : share >= 0.0005 ? $"{share * 100:F1}%" : "<.1%";
        return $"{bar} {percent}".PadRight(width);
    }

    private static Color Foreground(int way) => _colors[way % _colors.Length];

    private static string Cut(string text, int width) => (text.Length < width ? text : text[..(width - 1)]).PadRight(width);
}
