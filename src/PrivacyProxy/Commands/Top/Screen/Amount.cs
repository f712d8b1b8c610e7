using System.Globalization;
using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>Writes figures so that they fit a column.</summary>
internal static class Amount
{
    public const string Unknown = "-";

    private static readonly string[] _thousands = ["", "k", "M", "G", "T", "P"];
    private static readonly string[] _bytes = [" B", " kB", " MB", " GB", " TB", " PB"];

    /// <summary>A count in full where that fits, else with three digits: <c>1,234</c>, <c>12.3M</c>.</summary>
    public static string Count(double? count, int width = 5)
    {
        if (count is not { } value || !double.IsFinite(value)) return Unknown;
        var full = value.ToString("#,0", CultureInfo.InvariantCulture);
        return full.Length <= width ? full : Scaled(value, _thousands);
    }

    /// <summary>Events in a second: <c>0.5</c>, <c>12.3k</c>.</summary>
    public static string Rate(double? perSecond) => perSecond switch
    {
        null => Unknown,
        0 => "0",
        < 0.05 => "<0.1",
        < 999.95 => perSecond.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => Scaled(perSecond.Value, _thousands),
    };

    /// <summary>Bytes: <c>1.23 MB</c>.</summary>
    public static string Bytes(double? bytes) => bytes is { } value && double.IsFinite(value) ? Scaled(value, _bytes) : Unknown;

    /// <summary>A quantile of seconds; what lies beyond the last bound has a <c>&gt;</c>.</summary>
    public static string Duration(Quantile? quantile) =>
        quantile is { } known ? (known.IsBeyond ? ">" : "") + Seconds(known.Value) : Unknown;

    /// <summary>Seconds with three digits: <c>52.1 us</c>, <c>1.20 ms</c>, <c>3.00 s</c>.</summary>
    public static string Seconds(double seconds) => Math.Abs(seconds) switch
    {
        < 0.9995e-3 => ThreeDigits(seconds * 1e6) + " us",
        < 0.9995 => ThreeDigits(seconds * 1e3) + " ms",
        _ => ThreeDigits(seconds) + " s",
    };

    /// <summary>A long time in its two greatest units: <c>3d 4h</c>, <c>12m 5s</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{(int)span.TotalDays}d {span.Hours}h",
        { TotalHours: >= 1 } => $"{span.Hours}h {span.Minutes}m",
        { TotalMinutes: >= 1 } => $"{span.Minutes}m {span.Seconds}s",
        _ => $"{Math.Max(0, (int)span.TotalSeconds)}s",
    };

    private static string Scaled(double value, string[] units)
    {
        var unit = 0;
        // 999.5 would be written as 1000.
        while (Math.Abs(value) >= 999.5 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return (unit == 0 ? value.ToString("0", CultureInfo.InvariantCulture) : ThreeDigits(value)) + units[unit];
    }

    private static string ThreeDigits(double value) => value.ToString(
        Math.Abs(value) switch
        {
            < 9.995 => "0.00",
            < 99.95 => "0.0",
            _ => "0",
        },
        CultureInfo.InvariantCulture);
}
