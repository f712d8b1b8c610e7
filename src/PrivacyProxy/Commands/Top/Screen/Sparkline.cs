using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>Draws the latencies of the last minute. A height always means the same, so that two lines, or two moments, compare.</summary>
internal static class Sparkline
{
    /// <summary>The check's promise: what takes longer is marked.</summary>
    public const double SlowSeconds = 5e-3;

    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Ascii = "_.-:=+*#";

    // The upper four heights are the slow ones; 40 ms stands out from 1 ms and from 20 us at a glance.
    private static readonly double[] _bounds = [50e-6, 200e-6, 1e-3, SlowSeconds, 20e-3, 50e-3, 200e-3];

    /// <summary>Adds one character for each piece of the window, red where it was slow.</summary>
    public static void Draw(FrameLine line, RecentPeaks? peaks, TimeSpan now, int width, bool isUnicode)
    {
        var characters = isUnicode ? Blocks : Ascii;
        foreach (var peak in peaks?.Read(now, width) ?? [])
            line.Drawn(peak is { } value ? characters[Height(value)].ToString() : " ", peak > SlowSeconds ? Ink.Bad : Ink.Good);
    }

    private static int Height(double seconds)
    {
        var height = Array.FindIndex(_bounds, bound => seconds <= bound);
        return height < 0 ? _bounds.Length : height;
    }
}
