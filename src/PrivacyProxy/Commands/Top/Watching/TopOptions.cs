namespace PrivacyProxy.Commands.Top.Watching;

/// <summary>What <c>top</c> was asked for.</summary>
/// <param name="Management">The management URL.</param>
/// <param name="Interval">From one scrape to the next; null when not given.</param>
/// <param name="Once">One frame and the end.</param>
internal sealed record TopOptions(Uri Management, TimeSpan? Interval, bool Once)
{
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);
}
