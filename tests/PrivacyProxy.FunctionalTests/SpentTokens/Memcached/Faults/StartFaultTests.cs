using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Nodes that are broken before the proxy starts.</summary>
public sealed class StartFaultTests
{
    public static TheoryData<NodeFault> Faults => NodeFaults.AtStart;

    [SkippableTheory]
    [MemberData(nameof(Faults))]
    public async Task Without_its_node_the_store_starts_refuses_and_is_ready_when_the_node_comes(NodeFault fault)
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1, fault, faulty: 1);
        Assert.All(await world.SpendAsync(FaultWorld.NewTokens()), outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));
        await world.MendAsync();
        await world.WaitUntilServingAsync();
        await world.AreRefusedAsync(await world.AcceptAsync());
    }

    [SkippableTheory]
    [MemberData(nameof(Faults))]
    public async Task With_one_of_three_missing_the_store_starts_and_serves(NodeFault fault)
    {
        await using var world = await FaultWorld.StartAsync(replicas: 3, fault, faulty: 1);
        await world.WaitUntilServingAsync();
        await world.AreRefusedAsync(await world.AcceptAsync());
    }

    [SkippableTheory]
    [MemberData(nameof(Faults))]
    public async Task With_two_of_three_missing_the_store_starts_and_refuses(NodeFault fault)
    {
        await using var world = await FaultWorld.StartAsync(replicas: 3, fault, faulty: 2);
        Assert.All(await world.SpendAsync(FaultWorld.NewTokens()), outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));
        await world.MendAsync(2);
        await world.WaitUntilServingAsync();
        await world.AreRefusedAsync(await world.AcceptAsync());
    }
}
