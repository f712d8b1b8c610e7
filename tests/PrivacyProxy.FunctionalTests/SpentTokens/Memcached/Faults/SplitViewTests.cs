using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Proxies that do not see the same nodes: any two majorities share one.</summary>
public sealed class SplitViewTests
{
    [SkippableFact]
    public async Task Of_two_proxies_that_each_miss_another_node_only_one_accepts_a_token()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 3);
        var relays = world.Nodes.Select(node => ThrottledSocket.Start(node.EndPoint)).ToArray();
        try
        {
            var other = world.AddProxy(relays.Select(relay => relay.Address));
            await FaultWorld.UntilAsync("the other proxy sees all", () => Task.FromResult(relays.All(relay => other.Metrics.IsUp(relay.Address))));
            await world.Nodes[0].BreakAsync(NodeFault.ConnectionRefused);
            await relays[1].RefuseAsync();
            relays[1].ResetConnections();

            var raced = FaultWorld.NewTokens(200);
            await Task.WhenAll(world.SpendAsync(raced), Task.WhenAll(raced.Select(token => world.SpendAsync(other, token))));
            var ours = await world.AcceptAsync();
            foreach (var token in ours) Assert.Equal(SpendOutcome.AlreadySpent, await world.SpendAsync(other, token));

            await world.MendAsync();
            relays[1].Accept();
            await world.AreRefusedAsync([.. raced, .. ours]);
        }
        finally
        {
            foreach (var relay in relays) await relay.DisposeAsync();
        }
    }
}
