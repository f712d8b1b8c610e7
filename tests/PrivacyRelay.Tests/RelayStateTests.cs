using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests;

/// <summary>What the status line of a relay says.</summary>
public sealed class RelayStateTests : RelayTests
{
    [Fact]
    public async Task Tokens_tunnels_and_the_last_refusal_are_those_of_the_moment()
    {
        var state = Relay.Server.State;
        Assert.Equal((0, null), (state.Tunnels, state.LastRefusal));
        Assert.Equal((Proxy.Url.Authority, 0), (Assert.Single(state.Hops).Proxy, state.Hops[0].Tokens));

        var first = await Relay.OpenEchoAsync(Echo.Port);
        await using var second = await Relay.OpenEchoAsync(Echo.Port);
        Assert.Equal(2, Relay.Server.State.Tunnels);
        // Fetched ahead, once the proxy had taken one.
        await UntilAsync(() => Relay.Server.State.Hops[0].Tokens > 0);
        await first.DisposeAsync();
        await UntilAsync(() => Relay.Server.State.Tunnels == 1);

        Proxy.RefuseAll = true;
        await using var refused = await Relay.ConnectAsync();
        Assert.Equal(1, await TestRelay.SocksConnectAsync(refused, "secret-origin.example", Echo.Port));
        var reason = Relay.Server.State.LastRefusal!.Reason;
        Assert.Equal("The proxy answered 407: it does not take the relay's credentials.", reason);
        Assert.Equal(1, Relay.Server.State.Tunnels);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var deadline = new CancellationTokenSource(TestRelay.Patience);
        while (!holds()) await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
    }
}
