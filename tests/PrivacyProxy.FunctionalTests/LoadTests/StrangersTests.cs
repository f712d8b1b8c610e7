using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Strangers;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>Strangers beside good tunnels, few and short: that they are there and that good ones are opened; what they cost is for the real run.</summary>
public sealed class StrangersTests
{
    [Theory]
    [InlineData("Slowloris")]
    [InlineData("Headers")]
    [InlineData("Forged")]
    public async Task Good_tunnels_are_opened_beside_strangers_and_both_are_counted(string kind)
    {
        var settings = new StrangersSettings { Engine = ListenerEngine.Native, Kind = Enum.Parse<StrangerKind>(kind), Slow = 50, Drip = 0.1, Heads = 50, Forged = 50, Pay = kind == "Forged" ? Payment.Tokens : Payment.Psk, Store = SpentStore.Memory, Rate = 40, Seconds = 1, Rounds = 1, WarmUp = 10, MaxRatio = 1_000 };
        var result = await new StrangersScenario(new LoadScreen(TextWriter.Null, TextWriter.Null, isPlain: true, isInteractive: false), settings).RunAsync(CancellationToken.None);
        Assert.Equal([false, true], result.Rounds.Select(static round => round.HasStrangers));
        Assert.All(result.Rounds, static round => Assert.Equal((40, 0, null), (round.Opened, round.Failed, round.Failure)));
        Assert.Equal(0, result.Rounds[0].Strangers);
        Assert.InRange(result.Rounds[1].Strangers, 1, 100);
        Assert.True(result.Connected >= result.Rounds[1].Strangers);
        Assert.Empty(result.ToReport(settings).Missed);
        Assert.Equal("--max-ratio", Assert.Single(result.ToReport(settings with { MaxRatio = 0.0001 }).Missed).Flag);
    }
}
