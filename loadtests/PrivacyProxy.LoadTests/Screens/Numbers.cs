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

    /// <summary>Of any size, to about four digits: "0.0123", "12.34", "12,345".</summary>
    public static string Short(double number) => Math.Abs(number) switch
    {
        0 => "0",
        < 0.1 => number.ToString("0.#####", CultureInfo.InvariantCulture),
        < 10 => number.ToString("0.###", CultureInfo.InvariantCulture),
        < 1_000 => number.ToString("0.#", CultureInfo.InvariantCulture),
        _ => Count(number),
    };

    public static string Count(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Fixed(double number, int digits) => number.ToString("F" + digits, CultureInfo.InvariantCulture);
}
