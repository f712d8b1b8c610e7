namespace PrivacyProxy.Commands.Top.Figures;

/// <summary>The values of the last minute, for a sparkline.</summary>
internal sealed class RecentPeaks
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>A value a second makes 60; more than that comes from nobody.</summary>
    private const int Most = 128;

    private readonly Queue<(TimeSpan From, TimeSpan To, double Value)> _values = new();

    public void Add(TimeSpan from, TimeSpan to, double value)
    {
        _values.Enqueue((from, to, value));
        while (_values.Count > Most || _values.Peek().To <= to - Window) _values.Dequeue();
    }

    /// <summary>The window cut into pieces, oldest first: the highest value of each, so that no cut hides one; null without any.</summary>
    /// <param name="now">The end of the window.</param>
    /// <param name="pieces">How many.</param>
    public double?[] Read(TimeSpan now, int pieces)
    {
        var peaks = new double?[pieces];
        for (var piece = 0; piece < pieces; piece++)
        {
            var from = now - (Window * ((pieces - piece) / (double)pieces));
            var to = now - (Window * ((pieces - piece - 1) / (double)pieces));
            foreach (var value in _values)
                if (value.From < to && value.To > from && !(peaks[piece] >= value.Value)) peaks[piece] = value.Value;
        }

        return peaks;
    }
}
