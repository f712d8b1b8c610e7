using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Sqlite;

public sealed class SqliteExpiryTests : IDisposable
{
    private readonly SqliteSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [Fact]
    public async Task Tokens_of_expired_keys_are_deleted_in_the_background_and_those_of_live_keys_stay()
    {
        var (expired, live) = (_setup.Later, _setup.Later + 86_400);
        await using (var store = _setup.Open())
        {
            await SpendAsync(store, 2500, expired, issuer: 0);
            await SpendAsync(store, 100, live, issuer: 1);
            _setup.Time.Advance(TimeSpan.FromHours(2));
            await SqliteSetup.UntilAsync(async () => await store.LookUpAsync(TestTokens.Token(0, expired), default) == SpendOutcome.Unavailable);
            Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(TestTokens.Token(0, live, issuer: 1), default));
        }
        // What was not gone by then goes on going after a new start.
        await SqliteSetup.UntilAsync(async () =>
        {
            await using (var store = _setup.Open()) await store.LookUpAsync(TestTokens.Token(0, live, issuer: 1), default);
            return _setup.Number("SELECT count(*) FROM spent WHERE partition = 1") == 0 && _setup.Number("SELECT state FROM partition WHERE id = 1") == 2;
        });
        Assert.Equal(100, _setup.Number("SELECT count(*) FROM spent"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_set_back_or_a_key_made_to_live_longer_makes_no_token_fresh_again(bool reopen)
    {
        var expires = _setup.Later;
        var store = _setup.Open();
        await SpendAsync(store, 10, expires, issuer: 0);
        _setup.Time.Advance(TimeSpan.FromHours(2));
        await SqliteSetup.UntilAsync(async () => await store.LookUpAsync(TestTokens.Token(0, expires), default) == SpendOutcome.Unavailable);

        _setup.Time.AdjustTime(_setup.Time.GetUtcNow().AddHours(-2));
        if (reopen)
        {
            await store.DisposeAsync();
            store = _setup.Open();
        }
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, expires), default));
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(11, expires + 86_400), default));
        Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(0, expires, issuer: 1), default));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task The_latest_expiry_of_a_key_counts_also_after_a_new_start()
    {
        var expires = _setup.Later;
        await using (var store = _setup.Open())
        {
            await SpendAsync(store, 1, expires, issuer: 0);
            Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(TestTokens.Token(1, expires + 86_400), default));
        }
        _setup.Time.Advance(TimeSpan.FromHours(2));
        await using (var store = _setup.Open())
            for (var i = 0; i < 100; i++) Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(TestTokens.Token(0, expires), default));
        Assert.Equal(expires + 86_400, _setup.Number("SELECT expires FROM partition"));
    }

    [Fact]
    public async Task A_token_of_a_key_that_has_expired_is_not_spent()
    {
        await using var store = _setup.Open();
        Assert.Equal(SpendOutcome.Unavailable, await store.SpendAsync(TestTokens.Token(0, _setup.Time.GetUtcNow().ToUnixTimeSeconds()), default));
    }

    private static async Task SpendAsync(SqliteSpentTokenStore store, int count, long expires, int issuer)
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, count).Select(i => store.SpendAsync(TestTokens.Token(i, expires, issuer), default).AsTask()));
        Assert.All(outcomes, outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
    }
}
