using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memory;

namespace PrivacyProxy.Tests.SpentTokens;

public sealed class MemorySpentTokenStoreTests
{
    private readonly FakeTimeProvider _time = TestTokens.Clock();

    private long Later => _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();

    [Fact]
    public async Task A_token_is_fresh_once_and_spent_ever_after()
    {
        await using var store = new MemorySpentTokenStore(1000, _time);
        var token = TestTokens.Token(1, Later);
        Assert.Equal(SpendOutcome.Fresh, await store.LookUpAsync(token, default));
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(token, default));
        Assert.Equal(SpendOutcome.AlreadySpent, await store.LookUpAsync(token, default));
        Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(token, default));
    }

    [Fact]
    public async Task A_spent_token_is_not_fresh_for_a_request_that_outlives_the_store()
    {
        var store = new MemorySpentTokenStore(1000, _time);
        var token = TestTokens.Token(1, Later);
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(token, default));
        await store.DisposeAsync();
        Assert.NotEqual(SpendOutcome.Fresh, await store.SpendAsync(token, default));
    }

    [Fact]
    public async Task Of_1000_racing_spends_of_one_token_exactly_one_is_fresh()
    {
        await using var store = new MemorySpentTokenStore(100_000, _time);
        for (var round = 0; round < 20; round++)
        {
            var token = TestTokens.Token(round, Later);
            using var start = new ManualResetEventSlim();
            var racers = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                start.Wait();
                var fresh = 0;
                for (var i = 0; i < 125; i++)
                    if (store.SpendAsync(token, default).AsTask().Result == SpendOutcome.Fresh) fresh++;
                return fresh;
            }, TaskCreationOptions.LongRunning)).ToList();
            start.Set();
            Assert.Equal(1, (await Task.WhenAll(racers)).Sum());
        }
        Assert.Equal(100_000 - 20, store.Left);
    }

    [Fact]
    public async Task A_full_store_refuses_new_tokens_and_still_knows_the_spent_ones()
    {
        await using var store = new MemorySpentTokenStore(100, _time);
        for (var i = 0; i < 100; i++) Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(i, Later), default));
        Assert.False(store.IsReady);
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(100, Later), default));
        for (var i = 0; i < 100; i++) Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(TestTokens.Token(i, Later), default));
        Assert.Equal(0, store.Left);
    }

    [Fact]
    public async Task Tokens_of_expired_keys_make_room_and_are_never_fresh_again()
    {
        await using var store = new MemorySpentTokenStore(100, _time);
        var expires = Later;
        for (var i = 0; i < 100; i++) await store.SpendAsync(TestTokens.Token(i, expires), default);
        _time.Advance(TimeSpan.FromHours(2));
        store.Sweep();
        Assert.Equal(100, store.Left);
        Assert.Equal(SpendOutcome.Unavailable, await store.LookUpAsync(TestTokens.Token(0, expires), default));
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, expires), default));

        // A clock set back, and a key whose life is extended.
        _time.AdjustTime(_time.GetUtcNow().AddHours(-2));
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, expires), default));
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, expires + 86_400), default));
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(0, expires, issuer: 1), default));
    }

    [Fact]
    public async Task A_token_of_a_key_that_has_expired_is_not_spent()
    {
        await using var store = new MemorySpentTokenStore(100, _time);
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, _time.GetUtcNow().ToUnixTimeSeconds()), default));
    }

    [Fact]
    public async Task Tokens_are_kept_while_their_key_lives()
    {
        await using var store = new MemorySpentTokenStore(100, _time);
        await store.SpendAsync(TestTokens.Token(0, Later), default);
        await store.SpendAsync(TestTokens.Token(1, Later + 7200), default);
        _time.Advance(TimeSpan.FromHours(2));
        store.Sweep();
        Assert.Equal(SpendOutcome.AlreadySpent, await store.LookUpAsync(TestTokens.Token(0, Later), default));
    }

    [Fact]
    public async Task Spends_that_race_with_the_end_of_their_key_give_back_all_they_took()
    {
        await using var store = new MemorySpentTokenStore(100_000, _time);
        var expires = Later;
        using var start = new ManualResetEventSlim();
        var spender = Task.Factory.StartNew(() =>
        {
            start.Wait();
            for (var i = 0; i < 50_000; i++) _ = store.SpendAsync(TestTokens.Token(i, expires), default).AsTask().Result;
        }, TaskCreationOptions.LongRunning);
        await store.SpendAsync(TestTokens.Token(50_000, expires), default);
        _time.Advance(TimeSpan.FromHours(2));
        start.Set();
        while (!spender.IsCompleted) store.Sweep();
        await spender;
        store.Sweep();
        Assert.Equal(100_000, store.Left);
    }
}
