using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Bulk;
using PrivacyProxy.LoadTests.Idle;
using PrivacyProxy.LoadTests.Issue;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Soak;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>Each of the longer scenarios once, small, against the real programs.</summary>
public sealed class ScenarioTests
{
    private static LoadScreen Screen => new(TextWriter.Null, TextWriter.Null, isPlain: true, isInteractive: false);

    [Theory]
    [InlineData(1, false, true)]
    [InlineData(1, true, false)]
    [InlineData(2, true, false)]
    public async Task Bytes_go_both_ways_all_of_them_and_what_they_cost_is_told(int http, bool tls, bool native)
    {
        // More than the windows of HTTP/2, so that they must be given back.
        var settings = new BulkSettings { Http = http, Tls = tls, Engine = native ? ListenerEngine.Native : ListenerEngine.Kestrel, Tunnels = 2, Megabytes = 6, Rounds = 1, WarmUp = 0, MaxCpuPerGb = 0.001 };
        var result = await new BulkScenario(Screen, settings).RunAsync(CancellationToken.None);
        Assert.Equal(0, result.Failures.Count);
        Assert.Equal([true, false], result.Rounds.Select(static round => round.Down));
        Assert.All(result.Rounds, static round => Assert.Equal(2 * 6 * 1024 * 1024, round.Bytes));
        Assert.All(result.Rounds, static round => Assert.True(round.ProcessorSecondsPerGigabyte > 0.001));
        var report = result.ToReport(settings);
        Assert.Equal(["--max-cpu-per-gb", "--max-cpu-per-gb"], report.Missed.Select(static limit => limit.Flag));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Idle_tunnels_are_held_open_and_the_growth_of_memory_is_shared_among_them(int http, bool native)
    {
        var settings = new IdleSettings { Http = http, Engine = native ? ListenerEngine.Native : ListenerEngine.Kestrel, Tunnels = 50, WarmUp = 10, Callers = 4, Streams = 20, Settle = 0 };
        var result = await new IdleScenario(Screen, settings).RunAsync(CancellationToken.None);
        Assert.Equal((0, null), (result.Failed, result.Failure));
        Assert.Equal(Enumerable.Range(0, 11).Select(static step => step * 5), result.Steps.Select(static step => step.Tunnels));
        Assert.Equal((result.Steps[^1].ResidentBytes - result.Steps[0].ResidentBytes) / 50.0, result.BytesPerTunnel);
        Assert.All(result.Steps, static step => Assert.True(step.ResidentBytes > 10_000_000));
    }

    [Fact]
    public async Task Tokens_of_both_types_are_issued_verified_and_counted()
    {
        var settings = new IssueSettings { Tokens = 20, WarmUp = 2, Callers = 2 };
        var result = await new IssueScenario(Screen, settings).RunAsync(CancellationToken.None);
        Assert.Equal([2, 1], result.Types.Select(static type => type.Type));
        Assert.All(result.Types, static type => Assert.Equal((20, 0, null), (type.Issued, type.Failed, type.Failure)));
        Assert.All(result.Types, static type => Assert.True(type.ProcessorMicroseconds > 0 && type.Answer.Count == 20));
        Assert.Empty(result.ToReport(settings).Missed);
    }

    [Fact]
    public async Task A_steady_load_is_sampled_to_its_end()
    {
        var settings = new SoakSettings { Seconds = 1, Rate = 50, Probe = 20, Callers = 2, Every = 0.05 };
        var result = await new SoakScenario(Screen, settings).RunAsync(CancellationToken.None);
        Assert.False(result.WasStopped);
        Assert.Equal((50, 0, null), (result.Samples.Sum(static sample => sample.Opened), result.Failed, result.Failure));
        Assert.NotNull(result.MemoryGrowth);
        Assert.Equal(50, result.Latencies.Count);
    }

    [Fact]
    public void Memory_that_grows_or_tunnels_that_fail_in_a_soak_miss_its_limits()
    {
        var settings = new SoakSettings();
        SoakResult Of(Func<int, long> memory, int failed) => new(10, [.. Enumerable.Range(0, 20).Select(i => new SoakSample(i, 10, i == 7 ? failed : 0, 1, memory(i)))], failed > 0 ? "why" : null);
        Assert.Empty(Of(static i => i < 5 ? 50 + 10 * i : 100, 0).ToReport(settings).Missed);
        Assert.Equal("--max-growth", Assert.Single(Of(static i => 100 + 10 * i, 0).ToReport(settings).Missed).Flag);
        var failing = Of(static _ => 100, 1).ToReport(settings);
        Assert.Equal("--max-errors", Assert.Single(failing.Missed).Flag);
        Assert.Contains(failing.Notes, static note => note.Contains("why", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_not_measured_is_not_met()
    {
        var limit = Assert.Single(Limit.Of([new Figure("p99", 1)], ("--max-cpu", "CPU", 5), ("--max-p99", "p99", null)));
        Assert.False(limit.IsMet);
        Assert.Equal("--max-cpu 5: CPU is not measured, missed", limit.ToString());
        Assert.True(Limit.Of([new Figure("rate", 10)], ("--min-rate", "rate", 10))[0].IsMet);
        Assert.False(Limit.Of([new Figure("rate", 9.9)], ("--min-rate", "rate", 10))[0].IsMet);
        Assert.False(Limit.Of([new Figure("errors", 1)], ("--max-errors", "errors", 0))[0].IsMet);
    }

    [Fact]
    public async Task HTTP3_without_QUIC_is_told()
    {
        if (MsQuic.QuicLibrary.IsSupported) return;
        var problem = await Assert.ThrowsAsync<IOException>(() => new BulkScenario(Screen, new BulkSettings { Http = 3, Pay = Payment.None }).RunAsync(CancellationToken.None));
        Assert.Contains("libmsquic", problem.Message, StringComparison.Ordinal);
    }
}
