using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass;
using PrivacyRelay.Issuance;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Tests.Wallet;

public sealed class TokenWalletTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 2, 8)]
    [InlineData(4, 16, 32)]
    [InlineData(9, 10, 100)]
    public async Task A_token_is_never_handed_out_twice(int low, int high, int takers)
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low, high);
        var challenge = Challenge();
        var taken = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, takers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                taken.Add(Convert.ToHexString((await wallet.TakeAsync(challenge, CancellationToken.None)).Token.Span));
                wallet.Accepted(challenge.Key);
            }
        })));

        Assert.Equal(takers * 50, taken.Count);
        Assert.Equal(taken.Count, taken.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(1, source.MostAtOnce);
    }

    [Fact]
    public async Task Tunnels_that_find_it_empty_wait_for_the_same_refill()
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low: 1, high: 8);
        await ProveAsync(wallet, Challenge());
        source.Gate = new TaskCompletionSource();
        var takers = Enumerable.Range(0, 5).Select(_ => wallet.TakeAsync(Challenge(), CancellationToken.None).AsTask()).ToArray();
        source.Gate.SetResult();
        await Task.WhenAll(takers);
        Assert.Equal(2, source.Requests);
    }

    [Fact]
    public async Task It_fetches_ahead_when_it_falls_below_the_low_mark()
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low: 2, high: 4);
        await ProveAsync(wallet, Challenge());
        await wallet.TakeAsync(Challenge(), CancellationToken.None);
        await wallet.TakeAsync(Challenge(), CancellationToken.None);
        Assert.Equal(2, source.Requests);
        await wallet.TakeAsync(Challenge(), CancellationToken.None);
        await source.Requested(3);
    }

    [Fact]
    public async Task Until_the_proxy_has_accepted_a_challenge_each_token_is_fetched_for_a_tunnel_that_waits()
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low: 4, high: 16);
        for (var i = 1; i <= 3; i++)
        {
            await wallet.TakeAsync(Challenge(), CancellationToken.None);
            Assert.Equal(0, wallet.Count);
            Assert.Equal(i, source.Issued);
        }

        wallet.Accepted(Challenge().Key);
        await wallet.TakeAsync(Challenge(), CancellationToken.None);
        Assert.Equal(15, wallet.Count);
    }

    [Fact]
    public async Task A_challenge_that_was_dropped_has_to_be_accepted_anew()
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low: 0, high: 8);
        await ProveAsync(wallet, Challenge());
        wallet.Drop(Challenge().Key);
        await wallet.TakeAsync(Challenge(), CancellationToken.None);
        Assert.Equal(0, wallet.Count);
        Assert.Equal(2, source.Issued);
    }

    [Fact]
    public async Task Tokens_of_a_dropped_challenge_are_not_handed_out()
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low: 0, high: 4);
        var challenge = Challenge();
        await ProveAsync(wallet, challenge);
        var first = await wallet.TakeAsync(challenge, CancellationToken.None);
        Assert.Equal(3, wallet.Count);

        wallet.Drop(challenge.Key);

        Assert.Equal(0, wallet.Count);
        var next = await wallet.TakeAsync(challenge, CancellationToken.None);
        Assert.Equal(3, source.Requests);
        Assert.NotEqual(first.Token.ToArray(), next.Token.ToArray());
    }

    [Fact]
    public async Task A_token_that_has_expired_is_not_handed_out()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var source = new CountingSource { Extensions = new TokenMetadata(TimeSpan.FromHours(1), Place: null).At(time.GetUtcNow()) };
        await using var wallet = new TokenWallet(source, new TokensAhead(0, 4), TimeSpan.FromSeconds(30), time, NullLogger.Instance);
        await ProveAsync(wallet, Challenge());
        await wallet.TakeAsync(Challenge(), CancellationToken.None);
        Assert.Equal(3, wallet.Count);

        time.Advance(TimeSpan.FromMinutes(76));
        source.Extensions = new TokenMetadata(TimeSpan.FromHours(1), Place: null).At(time.GetUtcNow());

        var fresh = await wallet.TakeAsync(Challenge(), CancellationToken.None);
        Assert.True(BitConverter.ToInt32(fresh.Token.Span) > 5, "a token of before was handed out");
        Assert.Equal(3, source.Requests);
    }

    [Fact]
    public async Task A_refill_under_way_when_its_challenge_is_dropped_leaves_nothing_behind()
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low: 0, high: 4);
        var challenge = Challenge();
        await ProveAsync(wallet, challenge);
        source.Gate = new TaskCompletionSource();
        var waiting = wallet.TakeAsync(challenge, CancellationToken.None).AsTask();
        await source.Requested(2);

        wallet.Drop(challenge.Key);
        source.Gate.SetResult();

        // The second to the fifth were fetched for the dropped pile.
        Assert.Equal(6, BitConverter.ToInt32((await waiting).Token.Span));
        Assert.Equal(0, wallet.Count);
    }

    [Fact]
    public async Task Tokens_older_than_the_challenges_max_age_are_dropped()
    {
        var source = new CountingSource();
        var time = new FakeTimeProvider();
        await using var wallet = new TokenWallet(source, new TokensAhead(0, 4), TimeSpan.FromSeconds(30), time, NullLogger.Instance);
        var challenge = Challenge() with { MaxAge = TimeSpan.FromSeconds(60) };
        await ProveAsync(wallet, challenge);
        await wallet.TakeAsync(challenge, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(59));
        await wallet.TakeAsync(challenge, CancellationToken.None);
        Assert.Equal(2, source.Requests);
        time.Advance(TimeSpan.FromSeconds(2));
        await wallet.TakeAsync(challenge, CancellationToken.None);
        Assert.Equal(3, source.Requests);
        // What was accepted once need not be proven again.
        Assert.Equal(3, wallet.Count);
    }

    [Fact]
    public async Task A_failed_refill_reaches_who_waits_and_the_next_one_tries_again()
    {
        var source = new CountingSource { Fails = true };
        await using var wallet = Create(source, low: 0, high: 4);
        await Assert.ThrowsAsync<TokensUnavailableException>(() => wallet.TakeAsync(Challenge(), CancellationToken.None).AsTask());
        source.Fails = false;
        Assert.False((await wallet.TakeAsync(Challenge(), CancellationToken.None)).Token.IsEmpty);
    }

    [Fact]
    public async Task Tokens_of_two_keys_are_kept_apart_and_a_third_key_pushes_out_the_oldest()
    {
        var source = new CountingSource();
        await using var wallet = Create(source, low: 0, high: 3);
        var keys = Enumerable.Range(0, 3).Select(i => Challenge() with { TokenKey = [(byte)i] }).Select(c => new ProxyChallenge(c.Challenge, c.TokenKey, null)).ToArray();
        await ProveAsync(wallet, keys[0]);
        await ProveAsync(wallet, keys[1]);
        await wallet.TakeAsync(keys[0], CancellationToken.None);
        await wallet.TakeAsync(keys[1], CancellationToken.None);
        await wallet.TakeAsync(keys[0], CancellationToken.None);
        Assert.Equal(4, source.Requests);
        Assert.Equal(3, wallet.Count);
        await wallet.TakeAsync(keys[2], CancellationToken.None);
        Assert.Equal(2, wallet.Count);
        await wallet.TakeAsync(keys[0], CancellationToken.None);
        Assert.Equal(6, source.Requests);
    }

    /// <summary>Takes one token, which the proxy accepts.</summary>
    private static async Task ProveAsync(TokenWallet wallet, ProxyChallenge challenge)
    {
        await wallet.TakeAsync(challenge, CancellationToken.None);
        wallet.Accepted(challenge.Key);
    }

    private static TokenWallet Create(ITokenSource source, int low, int high) =>
        new(source, new TokensAhead(low, high), TimeSpan.FromSeconds(30), TimeProvider.System, NullLogger.Instance);

    private static ProxyChallenge Challenge() => new(new TokenChallenge(TokenType.BlindRsa2048, "issuer.example", [], ""), null, null);

    private sealed class CountingSource : ITokenSource
    {
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _waiters = [];
        private int _requests;
        private int _atOnce;
        private int _next;

        public int Requests => Volatile.Read(ref _requests);

        public int MostAtOnce { get; private set; }

        public bool Fails { get; set; }

        public TokenExtensions? Extensions { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public int Issued => Volatile.Read(ref _next);

        public Task Requested(int count) => _waiters.GetOrAdd(count, _ => new TaskCompletionSource()).Task.WaitAsync(TimeSpan.FromSeconds(30));

        public async Task<IReadOnlyList<HeldToken>> RequestAsync(ProxyChallenge challenge, int count, CancellationToken cancellationToken)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));
            _waiters.GetOrAdd(Interlocked.Increment(ref _requests), _ => new TaskCompletionSource()).TrySetResult();
            if (Gate is not null) await Gate.Task;
            await Task.Yield();
            Interlocked.Decrement(ref _atOnce);
            if (Fails) throw new TokensUnavailableException("down");
            return [.. Enumerable.Range(0, count).Select(_ => new HeldToken(BitConverter.GetBytes(Interlocked.Increment(ref _next)), Extensions))];
        }
    }
}
