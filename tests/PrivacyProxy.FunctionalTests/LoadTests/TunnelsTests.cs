using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Tunnels;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>Short runs of the scenario <c>tunnels</c>: real proxies, real tunnels, few of them.</summary>
public sealed class TunnelsTests
{
    private const int Tunnels = 60;
    private const int Rounds = 2;

    private static readonly TunnelsSettings _settings = new() { Tunnels = Tunnels, Rounds = Rounds, Callers = 4, Seconds = 90, WarmUp = 20 };

    [Fact]
    public async Task Tunnels_paid_with_tokens_of_a_configured_key_are_opened_counted_and_accounted()
    {
        var result = await RunAsync(_settings with { Tokens = true });
        var peer = Assert.Single(result.Peers);
        Assert.Null(peer.Rounds[0].Failure);
        Assert.Equal(Tunnels * Rounds, peer.Rounds.Sum(static round => round.Opened));
        Assert.All(peer.Rounds, static round => Assert.True(round.ProcessorSeconds > 0 && round.Answer.Count == Tunnels));
        Assert.Null(result.Cost);
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

    [Fact]
    public async Task A_proxy_that_refuses_is_counted_as_failed_and_soon_left_alone()
    {
        var settings = _settings with { Tunnels = 5_000, Rounds = 1, WarmUp = 10 };
        await using var peer = await TunnelPeer.StartAsync("strict", settings, CredentialSupply.OfPresharedKey(), "127.0.0.1:1", []);
        var round = await peer.MeasureAsync(settings.Tunnels, settings.RoundLimit, CancellationToken.None);
        Assert.Equal(0, round.Opened);
        Assert.InRange(round.Failed, 1, 100);
        Assert.Equal("The proxy answered 502.", round.Failure);
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
}
