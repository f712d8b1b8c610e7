using System.Globalization;
using PrivacyProxy.LoadTests;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;
using PrivacyProxy.LoadTests.Tunnels;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>Short runs of the scenario <c>tunnels</c>: real proxies, real tunnels, few of them.</summary>
public sealed class TunnelsTests
{
    private const int Tunnels = 60;
    private const int Rounds = 2;

    private static readonly TunnelsSettings _settings = new() { Tunnels = Tunnels, Rounds = Rounds, Callers = 4, Seconds = 90, WarmUp = 20 };

    [SkippableFact]
    public async Task Tunnels_paid_with_tokens_that_are_spent_on_memcached_are_opened_counted_and_accounted()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var result = await RunAsync(_settings with { Pay = Payment.Tokens, Store = SpentStore.Memcached });
        var peer = Assert.Single(result.Peers);
        Assert.Null(peer.Rounds[0].Failure);
        Assert.Equal(Tunnels * Rounds, peer.Rounds.Sum(static round => round.Opened));
        Assert.All(peer.Rounds, static round => Assert.True(round.ProcessorSeconds > 0 && round.Answer.Count == Tunnels));
        Assert.Null(result.Cost);
        var report = TunnelsReport.Of(_settings with { MaxP99 = 0.001, MinRate = 0.001 }, result);
        Assert.Equal("--max-p99", Assert.Single(report.Missed).Flag);
        Assert.Equal(1, Scenario.ExitCode(report));
    }

    [Fact]
    public async Task Two_proxies_are_compared_over_TLS_round_by_round()
    {
        var result = await RunAsync(_settings with { Tls = true, Compare = TelemetryPart.Nothing });
        Assert.Equal(2, result.Peers.Count);
        Assert.Equal(0, result.Failed);
        Assert.NotNull(result.Cost);
        Assert.Null(result.Void(TelemetryPart.Nothing));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Tunnels_of_HTTP2_share_connections_that_are_replaced_in_time(bool tls, bool cut)
    {
        var result = await RunAsync(_settings with { Http = 2, Tls = tls, Ending = cut ? Ending.Cut : Ending.Fin, PerConnection = 7, Pay = Payment.None });
        Assert.Null(result.Peers[0].Rounds[0].Failure);
        Assert.Equal(Tunnels * Rounds, result.Peers[0].Rounds.Sum(static round => round.Opened));
    }

    [Fact]
    public async Task At_a_rate_all_tunnels_are_opened_and_the_lateness_of_the_load_is_told()
    {
        var settings = _settings with { Rate = 200, Rounds = 1 };
        var result = await RunAsync(settings);
        var round = Assert.Single(result.Peers[0].Rounds);
        Assert.Equal((Tunnels, 0), (round.Opened, round.Failed));
        Assert.Equal(Tunnels, round.Lateness!.Count);
        // The last one is due after 59 of 200 parts of a second.
        Assert.True(round.Seconds >= 0.295, $"{round.Seconds}");
        // Every request was late by something, and counted from when it was due.
        Assert.True(round.Answer.P50 >= round.Lateness.P50);
        Assert.Contains(TunnelsReport.Of(settings, result).Notes, static note => note.Contains("late by", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_proxy_that_refuses_is_counted_as_failed_and_soon_left_alone()
    {
        var settings = _settings with { Tunnels = 5_000, Rounds = 1, WarmUp = 10 };
        await using var peer = await TunnelPeer.StartAsync("strict", settings, CredentialSupply.OfPresharedKey(), "127.0.0.1:1", []);
        var round = await peer.MeasureAsync(settings.Tunnels, settings.RoundLimit, CancellationToken.None);
        Assert.Equal(0, round.Opened);
        Assert.InRange(round.Failed, 1, 100);
        // With how often, and with what the proxy says of it.
        Assert.Matches($@"^{round.Failed} times: The proxy answered 502 \(Proxy-Status: .*error=connection_refused.*\)$", round.Failure);
    }

    [Fact]
    public async Task Tunnels_that_are_held_are_open_at_the_proxy_while_others_come_and_go()
    {
        using var origin = new LoadOrigin();
        var settings = _settings with { Held = 7, WarmUp = 10 };
        await using var peer = await TunnelPeer.StartAsync("busy", settings, CredentialSupply.OfPresharedKey(), origin.Authority, []);
        await peer.HoldAsync(CancellationToken.None);
        Assert.Equal(0, (await peer.MeasureAsync(settings.Tunnels, settings.RoundLimit, CancellationToken.None)).Failed);
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        // Those that have ended are counted out a moment later.
        while (Active(await peer.ReadMetricsAsync(deadline.Token)) != settings.Held) await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);

        static double Active(string? metrics) => metrics!.Split('\n').Where(static line => line.StartsWith("privacy_proxy_tunnels_active{", StringComparison.Ordinal)).Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_proxy_that_runs_is_loaded_by_its_address_and_measured_by_its_process()
    {
        await using var proxy = await ProxyProcess.StartAsync(["--psk", "a-key", "--allow-private", "--allow-ports", "any"]);
        var settings = _settings with { Proxy = proxy.Plain, Psk = "a-key", Http = 2 };
        var known = await RunAsync(settings with { Pid = $"{proxy.Id}" });
        Assert.Equal(0, known.Failed);
        Assert.True(known.Peers[0].ProcessorMicroseconds > 0);
        var unknown = await RunAsync(settings with { Psk = "another" });
        Assert.EndsWith(" times: The proxy answered 407", unknown.Peers[0].Rounds[0].Failure, StringComparison.Ordinal);
        Assert.DoesNotContain(TunnelsReport.Of(settings, unknown).Figures, static figure => figure.Name.Contains("CPU", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopped_in_the_middle_it_reports_the_rounds_it_has()
    {
        using var stop = new CancellationTokenSource();
        await using var output = new StopAfter("round 2", stop);
        var settings = _settings with { Rounds = 1_000 };
        var result = await new TunnelsScenario(new LoadScreen(TextWriter.Null, output, isPlain: true, isInteractive: true), settings).RunAsync(stop.Token);
        Assert.True(result.WasStopped);
        Assert.InRange(result.Peers[0].Rounds.Count, 2, 999);
        Assert.Equal(130, Scenario.ExitCode(TunnelsReport.Of(settings, result)));
    }

    [Fact]
    public void The_median_of_rounds_is_told_with_what_it_is_worth()
    {
        var spread = Spread.Of(Enumerable.Range(0, 101).Reverse().Select(static i => (double)i));
        Assert.Equal((50, 25, 75), (spread.Median, spread.LowerQuartile, spread.UpperQuartile));
        Assert.InRange(spread.Least, 40, 41);
        Assert.InRange(spread.Most, 59, 60);
        Assert.Equal(new Spread(7, 7, 7, 7, 7), Spread.Of([7]));
    }

    private static async Task<TunnelsResult> RunAsync(TunnelsSettings settings)
    {
        await using var output = new StringWriter();
        return await new TunnelsScenario(new LoadScreen(output, output, isPlain: true, isInteractive: false), settings).RunAsync(CancellationToken.None);
    }

    /// <summary>Ctrl+C as soon as a text is shown.</summary>
    private sealed class StopAfter(string text, CancellationTokenSource stop) : StringWriter
    {
        public override void Write(string? value)
        {
            if (value?.Contains(text, StringComparison.Ordinal) == true) stop.Cancel();
        }
    }
}
