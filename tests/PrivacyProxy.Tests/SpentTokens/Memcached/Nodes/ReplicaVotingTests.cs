using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

public sealed class ReplicaVotingTests
{
    private readonly SpendJournal _journal = new(1000, TestTokens.Clock());

    private (ReplicaVoting Voting, ScriptedReplica[] Replicas) Fleet(int replicas, int? servers = null)
    {
        ScriptedReplica[] all = [.. Enumerable.Range(0, servers ?? replicas).Select(_ => new ScriptedReplica())];
        return (new ReplicaVoting(all, new ReplicaChoice([.. all.Select((_, i) => $"server{i}")], replicas), _journal), all);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_token_is_fresh_once_and_known_afterwards(int replicas)
    {
        var (voting, _) = Fleet(replicas);
        Assert.Equal(SpendOutcome.Fresh, await voting.LookUpAsync(TestTokens.Key(1)));
        Assert.Equal(SpendOutcome.Fresh, await voting.SpendAsync(TestTokens.Key(1), 0));
        Assert.Equal(SpendOutcome.AlreadySpent, await voting.SpendAsync(TestTokens.Key(1), 0));
        Assert.Equal(SpendOutcome.AlreadySpent, await voting.LookUpAsync(TestTokens.Key(1)));
        Assert.Equal(1, _journal.Count);
        Assert.Equal(0, voting.InFlight);
    }

    [Fact]
    public async Task All_replicas_are_asked_at_once_and_the_last_answer_completes()
    {
        var (voting, replicas) = Fleet(3);
        foreach (var replica in replicas) replica.Holds = true;
        var spend = voting.SpendAsync(TestTokens.Key(1), 0);
        Assert.All(replicas, static replica => Assert.Equal(1, replica.Asked));
        replicas[2].AnswerNext();
        replicas[0].AnswerNext();
        Assert.False(spend.IsCompleted);
        replicas[1].AnswerNext();
        Assert.Equal(SpendOutcome.Fresh, await spend);
    }

    [Fact]
    public async Task One_replica_that_holds_the_token_decides_at_once()
    {
        var (voting, replicas) = Fleet(3);
        await replicas[1].AddAsync(TestTokens.Key(1), 0);
        replicas[0].Holds = replicas[2].Holds = true;
        Assert.Equal(SpendOutcome.AlreadySpent, await voting.SpendAsync(TestTokens.Key(1), 0));
        Assert.Equal(1, voting.InFlight);
        replicas[0].AnswerNext();
        replicas[2].AnswerNext();
        Assert.Equal(0, voting.InFlight);
        Assert.Equal(0, _journal.Count);
    }

    [Theory]
    [InlineData(nameof(MemcachedReply.Closed))]
    [InlineData(nameof(MemcachedReply.TimedOut))]
    [InlineData(nameof(MemcachedReply.Busy))]
    [InlineData(nameof(MemcachedReply.Failed))]
    public async Task One_replica_that_fails_costs_no_spend_and_is_owed_it_and_two_cost_it(string reply)
    {
        var failure = Enum.Parse<MemcachedReply>(reply);
        var (voting, replicas) = Fleet(3);
        replicas[2].Fails = failure;
        Assert.Equal(SpendOutcome.Fresh, await voting.SpendAsync(TestTokens.Key(1), 0));
        Assert.Equal([0L], replicas[2].Owed);
        Assert.Empty(replicas[0].Owed);
        replicas[1].Fails = failure;
        Assert.Equal(SpendOutcome.Unavailable, await voting.SpendAsync(TestTokens.Key(2), 0));
        Assert.Equal(1, _journal.Count);
    }

    [Fact]
    public async Task Without_a_majority_in_rotation_nothing_is_sent_so_that_the_token_is_not_used_up()
    {
        var (voting, replicas) = Fleet(3);
        replicas[1].Standing = replicas[2].Standing = new NodeStanding(NodeState.Down, 1);
        Assert.Equal(SpendOutcome.Unavailable, await voting.SpendAsync(TestTokens.Key(1), 0));
        Assert.Equal(0, replicas[0].Asked);
        replicas[1].Standing = new NodeStanding(NodeState.Up, 1);
        Assert.Equal(SpendOutcome.Fresh, await voting.SpendAsync(TestTokens.Key(1), 0));
    }

    [Fact]
    public async Task A_syncing_replica_has_no_vote_but_what_it_holds_counts()
    {
        var (voting, replicas) = Fleet(3);
        await replicas[2].AddAsync(TestTokens.Key(1), 0);
        replicas[2].Standing = new NodeStanding(NodeState.Syncing, 1);
        Assert.Equal(SpendOutcome.AlreadySpent, await voting.SpendAsync(TestTokens.Key(1), 0));
        // Two votes are a majority; one of them and the syncing replica are none.
        Assert.Equal(SpendOutcome.Fresh, await voting.SpendAsync(TestTokens.Key(2), 0));
        replicas[1].Fails = MemcachedReply.TimedOut;
        Assert.Equal(SpendOutcome.Unavailable, await voting.SpendAsync(TestTokens.Key(3), 0));
    }

    [Fact]
    public async Task An_answer_of_a_memory_that_is_lost_by_now_is_no_vote()
    {
        var (voting, replicas) = Fleet(1);
        replicas[0].Holds = true;
        var spend = voting.SpendAsync(TestTokens.Key(1), 0);
        replicas[0].LoseMemory();
        replicas[0].AnswerNext();
        Assert.Equal(SpendOutcome.Unavailable, await spend);
    }

    [Fact]
    public async Task A_replica_that_loses_its_memory_before_the_others_have_answered_is_owed_the_spend()
    {
        var (voting, replicas) = Fleet(3);
        replicas[2].Holds = true;
        var spend = voting.SpendAsync(TestTokens.Key(1), 0);
        replicas[0].LoseMemory();
        replicas[2].AnswerNext();
        Assert.Equal(SpendOutcome.Fresh, await spend);
        Assert.Equal([0L], replicas[0].Owed);
    }

    [Fact]
    public async Task Of_five_servers_three_hold_a_token_and_the_others_are_not_asked()
    {
        var (voting, replicas) = Fleet(3, servers: 5);
        for (var i = 0; i < 1000; i++) Assert.Equal(SpendOutcome.Fresh, await voting.SpendAsync(TestTokens.Key(i), 0));
        Assert.Equal(3000, replicas.Sum(static replica => replica.Asked));
        Assert.All(replicas, static replica => Assert.InRange(replica.Asked, 400, 800));
    }

    /// <summary>Many spends of few tokens at proxies of their own, answers in any order, failures and lost memories that were made up for.</summary>
    [Property]
    public Property No_token_is_accepted_twice_whatever_the_order_of_answers()
    {
        return Prop.ForAll(Gen.Choose(1, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (proxyA, replicas) = Fleet(random.Next(3) * 2 + 1);
            var proxyB = new ReplicaVoting(replicas, new ReplicaChoice([.. replicas.Select((_, i) => $"server{i}")], replicas.Length), _journal);
            foreach (var replica in replicas) replica.Holds = true;
            var spends = new List<(int Token, Task<SpendOutcome> Outcome)>();
            for (var step = 0; step < 300; step++)
            {
                var replica = replicas[random.Next(replicas.Length)];
                var token = random.Next(10);
                switch (random.Next(8))
                {
                    case 0: spends.Add((token, proxyA.SpendAsync(TestTokens.Key(token), 0).AsTask())); break;
                    case 1: spends.Add((token, proxyB.SpendAsync(TestTokens.Key(token), 0).AsTask())); break;
                    case 2: replica.Fails = random.Next(4) == 0 ? MemcachedReply.TimedOut : null; break;
                    default:
                        if (replica.Waiting > 0) replica.AnswerNext();
                        break;
                }
            }
            foreach (var replica in replicas)
                while (replica.Waiting > 0) replica.AnswerNext();
            Assert.All(spends, static spend => Assert.True(spend.Outcome.Wait(TimeSpan.FromSeconds(10))));
            Assert.All(spends.GroupBy(static spend => spend.Token), static group => Assert.True(group.Count(static spend => spend.Outcome.Result == SpendOutcome.Fresh) <= 1));
            return true;
        });
    }
}
