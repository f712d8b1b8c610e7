using System.Globalization;

namespace PrivacyProxy.LoadTests.Screens;

/// <summary>Numbers short enough for a column.</summary>
internal static class Numbers
{
    /// <summary>A latency: "23.1 us", "44.0 ms", "1.20 s".</summary>
    public static string Time(double microseconds) => microseconds switch
    {
        < 10 => Fixed(microseconds, 2) + " us",
        < 1_000 => Fixed(microseconds, 1) + " us",
        < 1_000_000 => Fixed(microseconds / 1_000, 1) + " ms",
        _ => Fixed(microseconds / 1_000_000, 2) + " s",
    };

    public static string Count(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Fixed(double number, int digits) => number.ToString("F" + digits, CultureInfo.InvariantCulture);
}
