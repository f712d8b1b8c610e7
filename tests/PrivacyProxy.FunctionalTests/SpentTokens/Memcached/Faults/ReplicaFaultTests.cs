using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Three replicas and one breaks: nobody notices.</summary>
public sealed class ReplicaFaultTests
{
    public static TheoryData<NodeFault> Faults => NodeFaults.All;

    [SkippableTheory]
    [MemberData(nameof(Faults))]
    public async Task One_of_three_breaks_and_no_request_is_refused_and_no_token_accepted_twice(NodeFault fault)
    {
        await using var world = await FaultWorld.StartAsync(replicas: 3);
        var before = await world.AcceptAsync();
        await world.BreakAsync(fault);

        var during = new List<SpentToken>(await world.AcceptAsync());
        // Not at the break alone: also when the node has been connected to again and lies.
        if (NodeFaults.Lies(fault))
            await FaultWorld.UntilAsync("the fault is met", async () =>
            {
                during.AddRange(await world.AcceptAsync(5));
                return world.Nodes[0].Lies > 0;
            });
        Assert.All(await world.SpendAsync([.. before, .. during]), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        Assert.All(await world.LookUpAsync([.. before, .. during]), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        Assert.All(await world.LookUpAsync(FaultWorld.NewTokens()), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.True(world.Proxy.Store.IsReady);

        await world.MendAsync();
        await world.WaitUntilAllServeAsync();
        // The node has caught up: it knows what it missed, and its vote replaces that of another one that dies.
        foreach (var token in (SpentToken[])[.. before, .. during])
            await FaultWorld.UntilAsync("the mended node holds what was spent without it", () => Task.FromResult(world.Nodes[0].Holds(token)));
        await world.Nodes[1].BreakAsync(NodeFault.Killed);
        var after = await world.AcceptAsync();
        Assert.All(await world.SpendAsync([.. before, .. during, .. after]), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
    }
}
