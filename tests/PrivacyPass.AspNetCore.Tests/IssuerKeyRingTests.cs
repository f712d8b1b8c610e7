using PrivacyPass.AspNetCore.Keys;
using PrivacyProxy.Testing.Clocks;

namespace PrivacyPass.AspNetCore.Tests;

public sealed class IssuerKeyRingTests : KeyRingTests
{
    [Fact]
    public void A_new_ring_has_one_key_of_each_type_in_use_at_once()
    {
        using var ring = Open();

        Assert.Equal([TokenType.BlindRsa2048, TokenType.VoprfP384], ring.Keys.Select(key => key.Type));
        Assert.All(ring.Keys, key => Assert.Equal(Time.GetUtcNow(), key.NotBefore));
    }

    [Fact]
    public void The_keys_outlive_the_process()
    {
        TestKeys.CopyTo(Folder.Path);
        TokenKeyId[] before;
        using (var ring = Open()) before = [.. ring.Keys.Select(key => key.KeyId)];

        using var again = Open();

        Assert.Equal(before, again.Keys.Select(key => key.KeyId));
    }

    [SkippableFact]
    public void Key_files_are_readable_by_their_owner_only()
    {
        Skip.If(OperatingSystem.IsWindows(), "File modes are Unix's.");
        using var ring = Open(TokenType.VoprfP384);
        Assert.All(KeyFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode));
    }

    [Fact]
    public void The_next_key_is_published_ahead_of_its_use_and_after_the_one_in_use()
    {
        using var ring = Open(TokenType.VoprfP384);
        var first = Assert.Single(ring.Keys);

        Time.Advance(TimeSpan.FromDays(29) - TimeSpan.FromSeconds(1));
        ring.Rotate();
        Assert.Single(ring.Keys);
        Time.Advance(TimeSpan.FromSeconds(1));
        ring.Rotate();

        Assert.Equal(2, ring.Keys.Count);
        Assert.Same(first, ring.Keys[0]);
        Assert.Equal(first.NotBefore + TimeSpan.FromDays(30), ring.Keys[1].NotBefore);
        Assert.True(ring.Keys[1].NotBefore > Time.GetUtcNow());
    }

    [Fact]
    public void The_new_key_comes_first_once_it_is_in_use_and_the_old_one_still_issues()
    {
        using var ring = Open(TokenType.VoprfP384);
        var old = ring.Keys[0];
        Time.Advance(TimeSpan.FromDays(29));
        ring.Rotate();

        Time.Advance(TimeSpan.FromDays(1));
        ring.Rotate();

        Assert.Same(old, ring.Keys[1]);
        Assert.Same(old, ring.Find(old.Type, old.KeyId.Truncated));
    }

    [Fact]
    public void An_expired_key_leaves_the_ring_and_the_disk()
    {
        using var ring = Open(TokenType.VoprfP384);
        var old = ring.Keys[0];

        Time.SetUtcNow(old.NotAfter);
        ring.Rotate();

        Assert.DoesNotContain(old, ring.Keys);
        Assert.NotEmpty(ring.Keys);
        Assert.DoesNotContain(KeyFiles(), file => file.Contains(old.KeyId.ToString()[..16], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    public void A_wall_clock_that_jumps_and_comes_back_ends_no_key_and_makes_none(int days)
    {
        var clock = new JumpingTime();
        using var ring = IssuerKeyRing.Open(new IssuerKeyRingOptions { Directory = Folder.Path, TokenTypes = { TokenType.VoprfP384 } }, clock);
        var (keys, files) = (ring.Keys, KeyFiles());
        clock.Set(TimeSpan.FromDays(days));

        ring.Rotate();
        Assert.Equal(keys, ring.Keys);
        Assert.Same(keys[0], ring.Find(keys[0].Type, keys[0].KeyId.Truncated));
        clock.Pass(TimeSpan.FromSeconds(3));
        clock.Set(TimeSpan.FromDays(-days));
        ring.Rotate();

        Assert.Equal(keys, ring.Keys);
        Assert.Equal(files, KeyFiles());
    }

    [Fact]
    public void After_a_long_stop_there_is_a_key_in_use_at_once()
    {
        using (Open(TokenType.VoprfP384))
        {
        }

        Time.Advance(TimeSpan.FromDays(1000));
        using var ring = Open(TokenType.VoprfP384);

        Assert.Equal(Time.GetUtcNow(), Assert.Single(ring.Keys).NotBefore);
    }

    [Fact]
    public void A_late_rotation_still_publishes_ahead_and_leaves_no_gap()
    {
        using var ring = Open(TokenType.VoprfP384);
        var old = ring.Keys[0];

        Time.Advance(TimeSpan.FromDays(59.5));
        ring.Rotate();

        var next = Assert.Single(ring.Keys, key => key != old);
        Assert.Equal(old.NotAfter, next.NotBefore);
    }

    [Fact]
    public void Rotating_always_says_a_later_time_for_the_next_change()
    {
        using var ring = Open(TokenType.VoprfP384);
        for (var i = 0; i < 12; i++)
        {
            var next = ring.Rotate();
            Assert.True(next > Time.GetUtcNow());
            Time.SetUtcNow(next);
            Assert.Contains(ring.Keys, key => key.NotBefore <= Time.GetUtcNow() && key.NotAfter > Time.GetUtcNow());
        }
    }

    [Fact]
    public void Live_keys_of_a_type_differ_in_their_truncated_ids()
    {
        // 120 changes one after the other, up to 15 keys alive: without the check a collision is all but certain.
        using var ring = Open(options =>
        {
            options.TokenTypes.Add(TokenType.VoprfP384);
            options.RotationInterval = TimeSpan.FromHours(1);
            options.KeyLifetime = TimeSpan.FromHours(14);
            options.PublishAhead = TimeSpan.FromMinutes(10);
        });
        for (var i = 0; i < 120; i++)
        {
            Time.SetUtcNow(ring.Rotate());
            Assert.Equal(ring.Keys.Count, ring.Keys.Select(key => key.KeyId.Truncated).Distinct().Count());
        }
    }

    [Fact]
    public void Options_that_would_leave_clients_without_a_key_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Open(options => options.KeyLifetime = options.RotationInterval));
        Assert.Throws<ArgumentException>(() => Open(options => options.PublishAhead = options.RotationInterval));
        Assert.Throws<ArgumentException>(() => Open(options => options.KeyLifetime = options.RotationInterval * 100));
        Assert.Throws<ArgumentException>(() => Open(options => options.TokenTypes.Add((TokenType)6)));
        Assert.Throws<ArgumentException>(() => Open(options => options.Directory = ""));
    }
}
