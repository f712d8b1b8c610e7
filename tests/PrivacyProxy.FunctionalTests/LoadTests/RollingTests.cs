using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Rolling;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>A rolling restart behind a real haproxy; with 1,000 tunnels it is <c>rolling</c> of the load tests.</summary>
public sealed class RollingTests
{
    [SkippableTheory]
    [InlineData("Native")]
    [InlineData("Kestrel")]
    public async Task Replicas_restarted_one_after_the_other_refuse_nothing_and_cut_nothing_before_the_drains_timeout(string engine)
    {
        Skip.IfNot(HaproxyProcess.IsInstalled, "haproxy is not installed");
        var settings = new RollingSettings { Engine = Enum.Parse<ListenerEngine>(engine), Tunnels = 30, Rate = 20, Every = 0.2, Delay = 3, Drain = 1 };
        var result = await new RollingScenario(new LoadScreen(TextWriter.Null, TextWriter.Null, isPlain: true, isInteractive: false), settings).RunAsync(CancellationToken.None);
        Assert.Equal((30, 0, null, 0), (result.Held, result.Refused, result.Failure, result.CutEarly));
        // All of them, half at each restart, and those opened again at the other replica may be cut once more.
        Assert.InRange(result.CutAtTheEnd, 30, 60);
        Assert.All(result.Stops, static seconds => Assert.InRange(seconds, 4, 90));
        Assert.InRange(result.Short, 100, 10_000);
        Assert.Empty(result.ToReport(settings).Missed);
    }

    [Fact]
    public void A_tunnel_that_was_refused_or_cut_early_misses_the_limits()
    {
        var report = new RollingResult(10, 100, 1, "why", 2, 10, [5, 5]).ToReport(new RollingSettings());
        Assert.Equal(["--max-refused", "--max-cut"], report.Missed.Select(static limit => limit.Flag));
        Assert.Contains("why", Assert.Single(report.Notes), StringComparison.Ordinal);
    }
}
