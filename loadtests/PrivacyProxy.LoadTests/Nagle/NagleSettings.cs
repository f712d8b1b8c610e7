using System.ComponentModel.DataAnnotations;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Nagle;

/// <summary>The options of <c>nagle</c>.</summary>
internal sealed record NagleSettings
{
    [Flag("Checks of each way."), Range(1, 10_000_000)]
    public int Checks { get; init; } = 5_000;

    [Flag("At most so long for each way; the slow one takes it whole."), Range(0.1, 600)]
    public double Seconds { get; init; } = 5;
}
