using System.Diagnostics.CodeAnalysis;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

/// <summary>What a check costs beside the connection's own work, which has tests of its own.</summary>
public sealed class CheckAllocationTests
{
    private const int Checks = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Checks_allocate_nothing_once_warm(int replicas)
    {
        IReplica[] silent = [.. Enumerable.Range(0, replicas).Select(static _ => new StoringReplica())];
        var voting = new ReplicaVoting(silent, new ReplicaChoice([.. silent.Select(static (_, i) => $"server{i}")], replicas), new SpendJournal(1000, TimeProvider.System));
        var keys = Enumerable.Range(0, 100).Select(TestTokens.Key).ToArray();
        Assert.Equal(0, AllocatedBytes.Least(() => Run(voting, keys)));
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "Each is completed, and consumed once.")]
    private static void Run(ReplicaVoting voting, SpentTokenKey[] keys)
    {
        for (var i = 0; i < Checks; i++)
        {
            var (lookUp, spend) = (voting.LookUpAsync(keys[i % keys.Length]), voting.SpendAsync(keys[i % keys.Length], 0));
            Assert.True(lookUp.IsCompleted && lookUp.Result == SpendOutcome.Fresh);
            Assert.True(spend.IsCompleted && spend.Result == SpendOutcome.Fresh);
        }
    }

    /// <summary>Holds nothing and stores everything.</summary>
    private sealed class StoringReplica : IReplica
    {
        public string Name => "storing";

        public NodeStanding Standing => new(NodeState.Up, 1);

        public ValueTask<MemcachedReply> GetAsync(SpentTokenKey key) => new(MemcachedReply.Miss);

        public ValueTask<MemcachedReply> AddAsync(SpentTokenKey key, long exptime) => new(MemcachedReply.Stored);

        public void Owe(long sequence) { }

        public void Count(MemcachedReply reply) { }
    }
}
