using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

public sealed class VoteCountTests
{
    private static readonly ReplicaAnswer[] _answers = Enum.GetValues<ReplicaAnswer>();

    /// <summary>Every ordered sequence of answers of R replicas of which some may not have been asked.</summary>
    private static IEnumerable<ReplicaAnswer[]> Sequences(int asked) =>
        Enumerable.Range(0, (int)Math.Pow(_answers.Length, asked)).Select(number =>
        {
            var sequence = new ReplicaAnswer[asked];
            for (var i = 0; i < asked; i++, number /= _answers.Length) sequence[i] = _answers[number % _answers.Length];
            return sequence;
        });

    public static TheoryData<int, int> Fleets => new() { { 1, 1 }, { 3, 3 }, { 3, 2 }, { 3, 1 }, { 5, 5 }, { 5, 4 }, { 5, 3 }, { 5, 2 } };

    [Theory]
    [MemberData(nameof(Fleets))]
    public void A_spend_is_fresh_only_with_a_majority_of_votes_all_answers_in_and_none_that_exists(int replicas, int asked)
    {
        var majority = VoteCount.Majority(replicas);
        foreach (var sequence in Sequences(asked))
        {
            var count = VoteCount.Asked(asked);
            for (var i = 0; ; i++)
            {
                var outcome = count.OfSpend(majority);
                var seen = sequence[..i];
                if (outcome == SpendOutcome.Fresh)
                {
                    Assert.Equal(asked, i);
                    Assert.DoesNotContain(ReplicaAnswer.Exists, seen);
                    Assert.True(seen.Count(answer => answer == ReplicaAnswer.Vote) > replicas / 2);
                }
                Assert.Equal(seen.Contains(ReplicaAnswer.Exists), outcome == SpendOutcome.AlreadySpent);
                if (i == asked) break;
                count = count.With(sequence[i]);
            }
            Assert.NotNull(count.OfSpend(majority));
            Assert.Equal((0, sequence.Count(static answer => answer == ReplicaAnswer.Vote), sequence.Count(static answer => answer == ReplicaAnswer.Exists)), (count.Pending, count.Votes, count.Exists));
        }
    }

    [Theory]
    [MemberData(nameof(Fleets))]
    public void A_look_up_is_fresh_with_a_majority_of_votes_and_nothing_that_exists_so_far(int replicas, int asked)
    {
        var majority = VoteCount.Majority(replicas);
        foreach (var sequence in Sequences(asked))
        {
            var count = VoteCount.Asked(asked);
            for (var i = 0; ; i++)
            {
                var seen = sequence[..i];
                var votes = seen.Count(static answer => answer == ReplicaAnswer.Vote);
                var expected = seen.Contains(ReplicaAnswer.Exists) ? SpendOutcome.AlreadySpent
                    : votes >= majority ? SpendOutcome.Fresh
                    : votes + asked - i < majority ? SpendOutcome.Unavailable
                    : (SpendOutcome?)null;
                Assert.Equal(expected, count.OfLookUp(majority));
                if (i == asked) break;
                count = count.With(sequence[i]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Of_two_racing_spends_never_both_are_fresh_whoever_comes_first_at_each_replica_and_whatever_fails(int replicas)
    {
        // At each replica one of: A first and B told so; B first; either one lost after or before it was done; no vote.
        (ReplicaAnswer A, ReplicaAnswer B)[] meetings =
        [
            (ReplicaAnswer.Vote, ReplicaAnswer.Exists), (ReplicaAnswer.Exists, ReplicaAnswer.Vote),
            (ReplicaAnswer.None, ReplicaAnswer.Exists), (ReplicaAnswer.Exists, ReplicaAnswer.None),
            (ReplicaAnswer.Vote, ReplicaAnswer.None), (ReplicaAnswer.None, ReplicaAnswer.Vote), (ReplicaAnswer.None, ReplicaAnswer.None),
        ];
        var majority = VoteCount.Majority(replicas);
        for (var number = 0; number < Math.Pow(meetings.Length, replicas); number++)
        {
            var (a, b) = (VoteCount.Asked(replicas), VoteCount.Asked(replicas));
            for (int i = 0, rest = number; i < replicas; i++, rest /= meetings.Length)
                (a, b) = (a.With(meetings[rest % meetings.Length].A), b.With(meetings[rest % meetings.Length].B));
            Assert.False(a.OfSpend(majority) == SpendOutcome.Fresh && b.OfSpend(majority) == SpendOutcome.Fresh);
        }
    }
}
