using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Udp;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>A short run of the scenario <c>udp</c>.</summary>
public sealed class UdpTests
{
    [Fact]
    public async Task Datagrams_come_back_through_a_real_proxy_and_their_cost_is_told()
    {
        var screen = new LoadScreen(TextWriter.Null, TextWriter.Null, isPlain: true, isInteractive: false);
        var result = await new UdpScenario(screen, new UdpSettings { Tunnels = 2, Window = 8, Seconds = 0.3 }).RunAsync(CancellationToken.None);
        Assert.True(result.Echoes > 0);
        Assert.True(result.DatagramsPerSecond > 0);
        Assert.True(result.Processor >= TimeSpan.Zero);
    }
}
