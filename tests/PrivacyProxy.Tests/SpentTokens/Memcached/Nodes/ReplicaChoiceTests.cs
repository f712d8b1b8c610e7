using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

public sealed class ReplicaChoiceTests
{
    private static int[] Choose(ReplicaChoice choice, int token)
    {
        var chosen = new int[choice.Replicas];
        choice.Choose(TestTokens.Key(token), chosen);
        return chosen;
    }

    [Fact]
    public void A_token_has_as_many_different_replicas_as_asked_for()
    {
        for (var servers = 1; servers <= 7; servers++)
        {
            for (var replicas = 1; replicas <= servers; replicas += 2)
            {
                var choice = new ReplicaChoice([.. Enumerable.Range(0, servers).Select(static i => $"server{i}:11211")], replicas);
                for (var token = 0; token < 200; token++)
                {
                    var chosen = Choose(choice, token);
                    Assert.Equal(replicas, chosen.Distinct().Count());
                    Assert.All(chosen, server => Assert.InRange(server, 0, servers - 1));
                    Assert.All(Enumerable.Range(0, servers), server => Assert.Equal(chosen.Contains(server), choice.Holds(server, TestTokens.Key(token))));
                }
            }
        }
    }

    [Fact]
    public void Tokens_spread_evenly()
    {
        var choice = new ReplicaChoice(["a:1", "b:1", "c:1", "d:1"], 1);
        var counts = Enumerable.Range(0, 20_000).Select(token => Choose(choice, token)[0]).CountBy(static server => server);
        Assert.All(counts, static count => Assert.InRange(count.Value, 4500, 5500));
    }

    [Fact]
    public void A_further_server_takes_only_the_tokens_it_gains()
    {
        string[] names = ["a:1", "b:1", "c:1", "d:1"];
        var (before, after) = (new ReplicaChoice(names, 1), new ReplicaChoice([.. names, "e:1"], 1));
        var moved = 0;
        for (var token = 0; token < 5000; token++)
        {
            var (was, now) = (Choose(before, token)[0], Choose(after, token)[0]);
            if (was == now) continue;
            Assert.Equal(4, now);
            moved++;
        }
        Assert.InRange(moved, 800, 1200);
    }
}
