using PrivacyProxy.LoadTests.Scrapes;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>A short run of the scenario <c>scrape</c>.</summary>
public sealed class ScrapeTests
{
    [SkippableFact]
    public async Task Both_formats_are_scraped_of_a_proxy_that_was_used()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var screen = new LoadScreen(TextWriter.Null, TextWriter.Null, isPlain: true, isInteractive: false);
        var results = await new ScrapeScenario(screen, new ScrapeSettings { Tunnels = 40, Scrapes = 3 }).RunAsync(CancellationToken.None);
        Assert.Equal(["text", "OpenMetrics"], results.Formats.Select(static format => format.Format));
        Assert.All(results.Formats, static format => Assert.Equal(3, format.Time.Count));
        // Three nodes with a histogram and states each, at the least.
        Assert.All(results.Formats, static format => Assert.InRange(format.Samples, 100, 10_000));
        Assert.Equal(0, results.Formats[0].Exemplars);
    }
}
