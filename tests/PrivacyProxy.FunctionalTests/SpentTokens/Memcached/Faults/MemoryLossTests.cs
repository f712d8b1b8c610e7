using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Nodes that lose their memory while proxies that remember are still there.</summary>
public sealed class MemoryLossTests
{
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task All_nodes_restarted_empty_are_refilled_and_what_was_spent_stays_spent(int replicas)
    {
        await using var world = await FaultWorld.StartAsync(replicas);
        var spent = await world.AcceptAsync(500);
        await world.BreakAsync(NodeFault.RestartedEmpty, replicas);
        Assert.DoesNotContain(SpendOutcome.Fresh, await world.SpendAsync(spent));
        await world.WaitUntilServingAsync(spent);
        await world.AreRefusedAsync(spent);
        Assert.All(world.Nodes, node => Assert.True(world.Proxy.Metrics.MemoryLost(node.Address) > 0));
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task What_either_of_two_proxies_accepted_before_an_outage_is_refused_by_both_after(int replicas)
    {
        // The longer grace is for machines on which a proxy may not get a core for a second.
        await using var world = await FaultWorld.StartAsync(replicas, graceSeconds: 2);
        var other = world.AddProxy();
        await world.WaitUntilAllServeAsync();
        var ours = await world.AcceptAsync();
        var theirs = FaultWorld.NewTokens();
        foreach (var token in theirs) Assert.Equal(SpendOutcome.Fresh, await world.SpendAsync(other, token));

        // Long enough for both to have come to their longest wait between attempts.
        var attempts = world.Nodes[0].Relay.Accepted;
        await world.BreakAsync(NodeFault.Killed, replicas);
        await FaultWorld.UntilAsync("they try again and again", () => Task.FromResult(world.Nodes[0].Relay.Accepted >= attempts + 12));
        await world.MendAsync(replicas);
        await world.WaitUntilServingAsync([.. ours[..2], .. theirs[..1]]);
        foreach (var token in (SpentToken[])[.. ours, .. theirs])
        {
            Assert.Equal(SpendOutcome.AlreadySpent, await world.SpendAsync(world.Proxy, token));
            Assert.Equal(SpendOutcome.AlreadySpent, await world.SpendAsync(other, token));
        }
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_node_that_loses_its_memory_again_and_again_is_refilled_each_time(int replicas)
    {
        await using var world = await FaultWorld.StartAsync(replicas);
        var spent = new List<SpentToken>();
        for (var round = 0; round < 3; round++)
        {
            spent.AddRange(await world.AcceptAsync(10));
            await world.Nodes[round % replicas].BreakAsync(NodeFault.RestartedEmpty);
            Assert.DoesNotContain(SpendOutcome.Fresh, await world.SpendAsync(spent));
            await world.WaitUntilAllServeAsync();
        }

        Assert.All(await world.SpendAsync(spent), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
    }

    [SkippableFact]
    public async Task Each_of_three_restarted_empty_one_after_another_forgets_nothing()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 3);
        var spent = await world.AcceptAsync(200);
        foreach (var node in world.Nodes)
        {
            await node.BreakAsync(NodeFault.RestartedEmpty);
            Assert.All(await world.SpendAsync(spent), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
            await world.WaitUntilAllServeAsync();
        }

        Assert.All(world.Nodes, node => Assert.All(spent, token => Assert.True(node.Holds(token))));
    }

    [SkippableFact]
    public async Task A_flushed_node_is_noticed_though_its_connections_stay_and_is_refilled()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1);
        var spent = await world.AcceptAsync();
        Flush(world.Nodes[0]);
        // Between the flush and the next look at the marker nobody can know: docs/spent-tokens.md.
        await FaultWorld.UntilAsync("the loss is noticed", () => Task.FromResult(world.Proxy.Metrics.MemoryLost(world.Nodes[0].Address) > 0));
        await world.WaitUntilServingAsync(spent);
        await world.AreRefusedAsync(spent);
    }

    [SkippableFact]
    public async Task One_of_three_flushed_costs_nothing_at_any_moment()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 3);
        var spent = await world.AcceptAsync();
        Flush(world.Nodes[0]);
        Assert.All(await world.SpendAsync(spent), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        await world.AcceptAsync();
        foreach (var token in spent)
            await FaultWorld.UntilAsync("the flushed node holds what was spent", () => Task.FromResult(world.Nodes[0].Holds(token)));
    }

    private static void Flush(FaultyNode node)
    {
        using var client = NodeClient.Connect(node.EndPoint);
        client.Flush();
    }
}
