using PrivacyPass.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Sqlite;

public sealed class SqliteSpentTokenStoreTests : IDisposable
{
    private readonly SqliteSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [Fact]
    public async Task A_token_is_fresh_once_and_spent_ever_after_also_in_a_store_opened_anew()
    {
        var token = TestTokens.Token(1, _setup.Later);
        await using (var store = _setup.Open())
        {
            Assert.True(store.IsReady);
            Assert.False(store.LooksUpFirst);
            Assert.Equal(SpendOutcome.Fresh, await store.LookUpAsync(token, default));
            Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(token, default));
            Assert.Equal(SpendOutcome.AlreadySpent, await store.LookUpAsync(token, default));
            Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(token, default));
        }
        await using var reopened = _setup.Open();
        Assert.Equal(SpendOutcome.AlreadySpent, await reopened.SpendAsync(token, default));
        Assert.Equal(SpendOutcome.Fresh, await reopened.SpendAsync(TestTokens.Token(1, _setup.Later, issuer: 1), default));
    }

    [Fact]
    public async Task Of_racing_spends_of_each_token_exactly_one_is_fresh()
    {
        const int tokens = 500, racers = 8;
        await using var store = _setup.Open();
        var fresh = new int[tokens];
        var already = new int[tokens];
        await Task.WhenAll(Enumerable.Range(0, racers).Select(racer => Task.Run(async () =>
        {
            foreach (var i in Enumerable.Range(0, tokens).Select(i => racer % 2 == 0 ? i : tokens - 1 - i))
            {
                var outcome = await store.SpendAsync(TestTokens.Token(i, _setup.Later), default);
                if (outcome == SpendOutcome.Fresh) Interlocked.Increment(ref fresh[i]);
                if (outcome == SpendOutcome.AlreadySpent) Interlocked.Increment(ref already[i]);
            }
        })));
        Assert.All(fresh, count => Assert.Equal(1, count));
        Assert.All(already, count => Assert.Equal(racers - 1, count));
    }

    [Fact]
    public async Task Everything_that_waits_is_one_transaction_and_the_same_token_in_it_is_fresh_once()
    {
        const int waves = 20, spends = 200;
        await using var store = _setup.Open();
        for (var wave = 0; wave < waves; wave++)
        {
            // Each token twice: duplicates meet in one batch.
            var outcomes = await Task.WhenAll(Enumerable.Range(0, spends).Select(i =>
                store.SpendAsync(TestTokens.Token(wave * spends + i / 2, _setup.Later), default).AsTask()));
            Assert.Equal(spends / 2, outcomes.Count(outcome => outcome == SpendOutcome.Fresh));
            Assert.Equal(spends / 2, outcomes.Count(outcome => outcome == SpendOutcome.AlreadySpent));
        }
        Assert.InRange(store.Transactions, waves, waves * spends / 4);
    }

    [Fact]
    public async Task Beyond_the_queue_spends_are_refused_at_once_and_not_lost_ones_are_answered()
    {
        _setup.Options.QueueCapacity = 4;
        await using var store = _setup.Open();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => store.SpendAsync(TestTokens.Token(i, _setup.Later), default).AsTask()));
        Assert.Contains(SpendOutcome.Unavailable, outcomes);
        Assert.Contains(SpendOutcome.Fresh, outcomes);
        for (var i = 0; i < outcomes.Length; i++)
            Assert.Equal(outcomes[i] == SpendOutcome.Fresh ? SpendOutcome.AlreadySpent : SpendOutcome.Fresh, await store.LookUpAsync(TestTokens.Token(i, _setup.Later), default));
    }

    [Fact]
    public async Task Closing_the_store_finishes_what_waits_and_refuses_what_comes()
    {
        var store = _setup.Open();
        var spends = Enumerable.Range(0, 500).Select(i => store.SpendAsync(TestTokens.Token(i, _setup.Later), default).AsTask()).ToList();
        await store.DisposeAsync();
        Assert.All(await Task.WhenAll(spends), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(500, _setup.Later), default));
        Assert.Equal(500, _setup.Number("SELECT count(*) FROM spent"));
        Assert.Equal(32, _setup.Number("SELECT min(length(key)) FROM spent"));
    }

    [Fact]
    public async Task A_token_takes_at_most_80_bytes_of_file_and_the_log_stays_bounded()
    {
        const int tokens = 60_000;
        _setup.Options.WalSize = 1 << 20;
        await using (var store = _setup.Open())
        {
            for (var i = 0; i < tokens; i += 2000)
                await Task.WhenAll(Enumerable.Range(i, 2000).Select(number => store.SpendAsync(TestTokens.Token(number, _setup.Later), default).AsTask()));
            // What it may have, and one batch on top.
            // Empty where it was just copied.
            Assert.InRange(new FileInfo(_setup.File + "-wal").Length, 0, 8 << 20);
        }
        Assert.InRange(new FileInfo(_setup.File).Length, 32 * tokens, 80 * tokens);
    }
}
