using System.Text;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Connections that break or stall while commands are under way: the node has acted, its reply does not arrive.</summary>
public sealed class ConnectionFaultTests
{
    private const int InFlight = 100;

    [SkippableFact]
    public async Task A_reset_with_a_hundred_spends_in_flight_refuses_them_all_and_accepts_none_of_them_later()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1);
        var tokens = FaultWorld.NewTokens(InFlight);
        world.Nodes[0].Relay.StallReplies();
        var spends = world.SpendAsync(tokens);
        await HoldsAllAsync(world.Nodes[0], tokens);
        world.Nodes[0].Relay.ResetConnections();
        Assert.All(await spends, outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));

        world.Nodes[0].Relay.Resume();
        await world.WaitUntilServingAsync();
        // The node took every one of them, so nobody may be told that it is fresh.
        await world.AreRefusedAsync(tokens);
        Assert.True(world.Proxy.Metrics.Reconnects(world.Nodes[0].Address) > 0);
    }

    [SkippableFact]
    public async Task A_reset_of_one_of_three_with_a_hundred_spends_in_flight_refuses_none()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 3);
        var tokens = FaultWorld.NewTokens(InFlight);
        world.Nodes[0].Relay.StallReplies();
        var spends = world.SpendAsync(tokens);
        await HoldsAllAsync(world.Nodes[0], tokens);
        world.Nodes[0].Relay.ResetConnections();
        Assert.All(await spends, outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        world.Nodes[0].Relay.Resume();
        await world.AreRefusedAsync(tokens);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(33)]
    public async Task Replies_cut_in_the_middle_are_refused_and_the_next_connection_serves(int bytes)
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1);
        world.Nodes[0].Relay.CutRepliesAfter(bytes);
        var tokens = FaultWorld.NewTokens(InFlight);
        await world.SpendAsync(tokens);
        await world.WaitUntilServingAsync();
        await world.AreRefusedAsync(tokens);
    }

    [SkippableFact]
    public async Task Replies_that_come_after_the_deadline_are_not_taken_for_the_answers_of_others()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1);
        var late = FaultWorld.NewTokens(InFlight);
        world.Nodes[0].Relay.StallReplies();
        Assert.All(await world.SpendAsync(late), outcome => Assert.Equal(SpendOutcome.Unavailable, outcome));

        world.Nodes[0].Relay.Resume();
        // Replayed at once, among the late STOREDs: were one of those taken for a reply of now, it would accept.
        for (var round = 0; round < 5; round++) Assert.DoesNotContain(SpendOutcome.Fresh, await world.SpendAsync(late));
        await world.WaitUntilServingAsync(late);
        await world.AreRefusedAsync(late);
    }

    [SkippableTheory]
    [InlineData("STORED\r\n")]
    [InlineData("END\r\n")]
    [InlineData("NOT_STORED\r\n")]
    [InlineData("\0\0\0")]
    public async Task An_unsolicited_reply_costs_the_connection_and_answers_nothing(string reply)
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1);
        var spent = await world.AcceptAsync();
        var relay = world.Nodes[0].Relay;
        var accepted = relay.Accepted;
        await relay.InjectAsync(Encoding.ASCII.GetBytes(reply));
        await FaultWorld.UntilAsync("a new connection is there", () => Task.FromResult(relay.Accepted > accepted));
        Assert.DoesNotContain(SpendOutcome.Fresh, await world.SpendAsync(spent));
        await world.WaitUntilServingAsync(spent);
        await world.AreRefusedAsync(spent);
    }

    [SkippableFact]
    public async Task Garbage_with_spends_in_flight_accepts_nothing_that_was_spent()
    {
        await using var world = await FaultWorld.StartAsync(replicas: 1);
        var spent = await world.AcceptAsync();
        world.Nodes[0].Relay.StallReplies();
        var replays = world.SpendAsync(spent);
        await world.Nodes[0].Relay.InjectAsync("VALUE x 0 99999999\r\n"u8.ToArray());
        world.Nodes[0].Relay.Resume();
        Assert.DoesNotContain(SpendOutcome.Fresh, await replays);
        await world.WaitUntilServingAsync(spent);
        await world.AreRefusedAsync(spent);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Resets_again_and_again_under_load_cost_no_exception_and_no_second_acceptance(int replicas)
    {
        const int Resets = 15;
        await using var world = await FaultWorld.StartAsync(replicas, megabytes: 64);
        var resets = 0;
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref resets) < Resets)
            {
                var tokens = FaultWorld.NewTokens(16);
                await world.SpendAsync([.. tokens, .. tokens]);
                await world.LookUpAsync(tokens);
                // While nothing votes, refusals come at once: leaves the cores to the node that is coming back.
                await Task.Delay(1);
            }
        })).ToArray();
        for (; resets < Resets; Interlocked.Increment(ref resets))
        {
            var node = world.Nodes[resets % replicas];
            var accepted = node.Relay.Accepted;
            node.Relay.ResetConnections();
            await FaultWorld.UntilAsync("it has connected again", () => Task.FromResult(node.Relay.Accepted > accepted));
        }

        await Task.WhenAll(clients);
        await world.WaitUntilAllServeAsync();
    }

    private static async Task HoldsAllAsync(FaultyNode node, IEnumerable<SpentToken> tokens)
    {
        foreach (var token in tokens)
            await FaultWorld.UntilAsync("the node has the add", () => Task.FromResult(node.Holds(token)));
    }
}
