using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Three replicas and two break: refused, never guessed.</summary>
public sealed class MajorityFaultTests
{
    public static TheoryData<NodeFault> Faults => NodeFaults.All;

    [SkippableTheory]
    [MemberData(nameof(Faults))]
    public async Task Two_of_three_break_and_new_tokens_are_refused_until_they_are_mended(NodeFault fault)
    {
        const int Broken = 2;
        await using var world = await FaultWorld.StartAsync(replicas: 3);
        var spent = await world.AcceptAsync();
        await world.BreakAsync(fault, Broken);

        var refused = FaultWorld.NewTokens();
        var outcomes = await world.SpendAsync(refused);
        if (NodeFaults.IsHarmless(fault)) Assert.All(outcomes, outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        else if (!NodeFaults.HealsItself(fault)) Assert.All(outcomes, outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));
        Assert.DoesNotContain(SpendOutcome.Fresh, await world.SpendAsync(spent));
        var lookUps = await world.LookUpAsync(FaultWorld.NewTokens());
        if (!NodeFaults.StillLooksUp(fault)) Assert.All(lookUps, outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));

        await world.MendAsync(Broken);
        await world.WaitUntilServingAsync(spent);
        await world.AreRefusedAsync(spent);
        await world.SpendAsync([.. refused, .. refused]);
        foreach (var token in spent)
            await FaultWorld.UntilAsync("a mended node holds what was spent", () => Task.FromResult(world.Nodes[0].Holds(token)));
    }
}
