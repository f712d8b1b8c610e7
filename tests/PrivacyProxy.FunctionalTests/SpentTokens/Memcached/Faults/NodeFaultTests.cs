using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>One node, and it breaks: refused, never guessed, and back without a restart.</summary>
public sealed class NodeFaultTests
{
    public static TheoryData<NodeFault> Faults => NodeFaults.All;

    [SkippableTheory]
    [MemberData(nameof(Faults))]
    public async Task The_only_node_breaks_and_nothing_is_accepted_until_it_is_mended(NodeFault fault)
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1);
        var spent = await world.AcceptAsync();
        await world.BreakAsync(fault);

        var refused = FaultWorld.NewTokens();
        var outcomes = await world.SpendAsync(refused);
        if (NodeFaults.IsHarmless(fault)) Assert.All(outcomes, outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        else if (!NodeFaults.HealsItself(fault)) Assert.All(outcomes, outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));
        Assert.DoesNotContain(SpendOutcome.Fresh, await world.SpendAsync(spent));
        var lookUps = await world.LookUpAsync(FaultWorld.NewTokens());
        if (!NodeFaults.StillLooksUp(fault)) Assert.All(lookUps, outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));
        if (!NodeFaults.HealsItself(fault)) Assert.True(world.Proxy.Metrics.ShowTrouble(world.Nodes[0].Address));
        await FaultWorld.UntilAsync("the fault is met and the metrics tell", async () =>
        {
            Assert.True(NodeFaults.HealsItself(fault) || !(await world.SpendAsync(refused)).Contains(SpendOutcome.Fresh));
            return IsTold(fault, world);
        });

        await world.MendAsync();
        await world.WaitUntilServingAsync(spent);
        Assert.True(world.Proxy.Metrics.IsUp(world.Nodes[0].Address));
        await world.AreRefusedAsync(spent);
        // What was refused may be spent now or not; the ledger says whether twice.
        await world.SpendAsync([.. refused, .. refused]);
    }

    private static bool IsTold(NodeFault fault, FaultWorld world)
    {
        var (node, metrics) = (world.Nodes[0], world.Proxy.Metrics);
        return fault switch
        {
            NodeFault.SlowInTime => true,
            NodeFault.RestartedEmpty => metrics.MemoryLost(node.Address) > 0,
            NodeFault.OutOfMemory or NodeFault.Error or NodeFault.ServerError => metrics.Reasons(node.Address).Contains("error"),
            NodeFault.RepliesCutAndClosed or NodeFault.Garbage or NodeFault.RepliesCutAndSilent => node.Lies > 0 && metrics.Reconnects(node.Address) > 0,
            _ => metrics.State(node.Address, "down") && !world.Proxy.Store.IsReady,
        };
    }
}
