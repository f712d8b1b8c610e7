using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Nodes;

public sealed class NodeRotationTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(57));

    private NodeRotation Rotation() => new(TimeSpan.FromSeconds(1), _time);

    private NodeEpoch Epoch(TimeSpan age = default) => NodeEpoch.Create(_time.GetUtcNow() - age);

    [Fact]
    public void A_server_whose_epoch_is_old_votes_at_once_and_one_whose_epoch_is_new_after_the_grace()
    {
        var (old, fresh) = (Rotation(), Rotation());
        Assert.False(old.Admit(Epoch(TimeSpan.FromMinutes(5))));
        Assert.True(old.TryVote());
        Assert.False(fresh.Admit(Epoch()));
        Assert.False(fresh.TryVote());
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(fresh.TryVote());
        Assert.InRange(fresh.UntilVote, TimeSpan.FromSeconds(0.09), TimeSpan.FromSeconds(0.11));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(fresh.TryVote());
    }

    [Fact]
    public void A_clock_that_is_wrong_does_not_shorten_the_grace()
    {
        var rotation = Rotation();
        rotation.Admit(Epoch(TimeSpan.FromSeconds(30)));
        Assert.False(rotation.TryVote());
        var future = Rotation();
        future.Admit(Epoch(TimeSpan.FromDays(-1)));
        Assert.False(future.TryVote());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(rotation.TryVote());
        Assert.True(future.TryVote());
    }

    [Fact]
    public void Another_epoch_takes_the_vote_until_the_whole_journal_is_written_and_the_grace_is_over()
    {
        var rotation = Rotation();
        rotation.Admit(Epoch(TimeSpan.FromHours(1)));
        rotation.TryVote();
        var before = rotation.Standing;
        Assert.True(rotation.Admit(Epoch(TimeSpan.FromMinutes(30))));
        Assert.Equal(NodeState.Syncing, rotation.Standing.State);
        Assert.NotEqual(before.Incarnation, rotation.Standing.Incarnation);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(rotation.TryVote());
        Assert.Equal(0, rotation.TakeOwed());
        Assert.True(rotation.TryVote());
    }

    [Fact]
    public void One_that_was_away_with_the_same_memory_votes_as_soon_as_it_has_what_it_missed()
    {
        var rotation = Rotation();
        var epoch = Epoch(TimeSpan.FromHours(1));
        rotation.Admit(epoch);
        rotation.TryVote();
        Assert.True(rotation.Leave());
        Assert.False(rotation.Leave());
        rotation.Owe(17);
        rotation.Owe(23);
        Assert.False(rotation.Admit(epoch));
        Assert.Equal(1, rotation.Standing.Incarnation);
        Assert.False(rotation.TryVote());
        Assert.Equal(17, rotation.TakeOwed());
        Assert.True(rotation.TryVote());
    }

    [Fact]
    public void A_write_that_a_voting_server_missed_takes_its_vote()
    {
        var rotation = Rotation();
        rotation.Admit(Epoch(TimeSpan.FromHours(1)));
        rotation.TryVote();
        rotation.Owe(3);
        Assert.Equal(NodeState.Syncing, rotation.Standing.State);
        Assert.Equal(3, rotation.TakeOwed());
        Assert.True(rotation.TryVote());
    }

    [Theory]
    [InlineData("END\r\n", true)]
    [InlineData("", true)]
    [InlineData("VALUE pp:epoch 0 46\r\n00112233445566778899aabbccddeeff:1800000000000\r\nEND\r\n", true)]
    [InlineData("VALUE pp:epoch 0 3\r\nabc\r\nEND\r\n", false)]
    [InlineData("VALUE pp:epoch 0 3\r\n", false)]
    [InlineData("SERVER_ERROR out of memory\r\n", false)]
    [InlineData("ERROR\r\n", false)]
    [InlineData("VALUE pp:epoch 0 52\r\n00112233445566778899aabbccddeeff:9999999999999999999\r\nEND\r\n", false)]
    public void A_marker_is_read_and_what_is_none_is_refused(string reply, bool valid)
    {
        Assert.Equal(valid, NodeEpoch.TryRead(reply, out var epoch));
        Assert.Equal(reply.Contains(":1800000000000", StringComparison.Ordinal), epoch?.Created == DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
    }
}
