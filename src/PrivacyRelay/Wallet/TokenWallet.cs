using Microsoft.Extensions.Logging;

namespace PrivacyRelay.Wallet;

/// <summary>Fetches tokens ahead and hands each out exactly once. Safe for concurrent use.</summary>
/// <remarks>
/// In memory only: a token on disk could be handed out again after a crash or from a copy of the file, which would link two tunnels
/// and be refused as spent; and tokens found on a disk show which proxy was used. What a stop loses is a few unspent tokens.
/// </remarks>
internal sealed partial class TokenWallet : IAsyncDisposable
{
    /// <summary>Piles kept at a time: two answer a key rotation seen from several proxies of one name.</summary>
    private const int MaxPiles = 2;

    /// <summary>
    /// Fetched at a time for a challenge that has bought nothing yet: a proxy that answers each request with a new challenge would
    /// empty the issuer's quota in no time if each were worth a batch.
    /// </summary>
    private const int UnprovenBatch = 1;

    private readonly ITokenSource _source;
    private readonly TokensAhead _ahead;
    private readonly TimeSpan _refillTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    // Never disposed: it has no timer, and a dropped pile's refill may still look at it.
    private readonly CancellationTokenSource _stopping = new();

    // Newest challenge last.
    private readonly List<TokenPile> _piles = [];

    public TokenWallet(ITokenSource source, TokensAhead ahead, TimeSpan refillTimeout, TimeProvider time, ILogger logger)
    {
        _source = source;
        _ahead = ahead;
        _refillTimeout = refillTimeout;
        _time = time;
        _logger = logger;
    }

    /// <summary>Tokens held now, for every challenge.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _piles.Sum(pile => pile.Tokens.Count);
        }
    }

    /// <summary>A token for a challenge, which then belongs to the caller alone: the wallet has forgotten it.</summary>
    /// <exception cref="TokensUnavailableException">The issuer gave none.</exception>
    public async ValueTask<HeldToken> TakeAsync(ProxyChallenge challenge, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task refill;
            lock (_lock)
            {
                var pile = FindOrAdd(challenge);
                var found = TryPop(pile, out var token);
                if (!found || (pile.Proven && pile.Tokens.Count < _ahead.Low)) StartRefill(pile);
                if (found) return token!;
                refill = pile.Refill!;
            }

            await refill.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes back a token that was never sent, where its challenge still stands.</summary>
    public void Return(ChallengeKey key, HeldToken token)
    {
        lock (_lock)
        {
            if (_piles.Find(pile => pile.Challenge.Key == key) is { } pile) pile.Tokens.Push(token);
        }
    }

    /// <summary>The proxy took a token of a challenge: from now on they are fetched ahead.</summary>
    public void Accepted(ChallengeKey key)
    {
        lock (_lock)
        {
            if (_piles.Find(pile => pile.Challenge.Key == key) is { } pile) pile.Proven = true;
        }
    }

    /// <summary>Forgets the tokens of a challenge whose key was rotated or that the proxy no longer takes.</summary>
    public void Drop(ChallengeKey key)
    {
        lock (_lock)
        {
            foreach (var pile in _piles.Where(pile => pile.Challenge.Key == key).ToArray()) Drop(pile);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] refills;
        lock (_lock)
        {
            refills = [.. _piles.Select(pile => pile.Refill).OfType<Task>()];
            foreach (var pile in _piles.ToArray()) Drop(pile);
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(refills).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The next that has not expired; those that have are thrown away.</summary>
    private bool TryPop(TokenPile pile, out HeldToken? token)
    {
        while (pile.Tokens.TryPop(out token))
            if (!token.IsExpired(_time.GetUtcNow())) return true;
        return false;
    }

    private TokenPile FindOrAdd(ProxyChallenge challenge)
    {
        var pile = _piles.Find(pile => pile.Challenge.Key == challenge.Key);
        var proven = pile is { Proven: true };
        if (pile?.ExpiresAt is { } expiry && _time.GetTimestamp() >= expiry)
        {
            Drop(pile);
            pile = null;
        }

        if (pile is not null) return pile;
        if (_piles.Count == MaxPiles) Drop(_piles[0]);
        pile = new TokenPile(challenge) { Proven = proven };
        _piles.Add(pile);
        return pile;
    }

    private void Drop(TokenPile pile)
    {
        pile.Dropped = true;
        pile.Tokens.Clear();
        _piles.Remove(pile);
    }

    private void StartRefill(TokenPile pile)
    {
        if (pile.Refill is not null) return;
        var count = pile.Proven ? _ahead.High - pile.Tokens.Count : UnprovenBatch;
        var refill = pile.Refill = Task.Run(() => RefillAsync(pile, count));
        // Seen by the tunnels that wait for it; a refill ahead of need may fail unseen.
        _ = refill.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private async Task RefillAsync(TokenPile pile, int count)
    {
        var startedAt = _time.GetTimestamp();
        try
        {
            using var timeout = new CancellationTokenSource(_refillTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
            var tokens = await _source.RequestAsync(pile.Challenge, count, either.Token);
            if (tokens.Count == 0) throw new TokensUnavailableException();
            Add(pile, tokens, startedAt);
            LogRefilled(tokens.Count);
        }
        catch (Exception e)
        {
            Forget(pile);
            LogRefillFailed(e.GetType().Name);
            if (e is TokensUnavailableException) throw;
            throw new TokensUnavailableException(e is OperationCanceledException ? "The issuer did not answer in time." : "The issuer gave no tokens.", e);
        }
    }

    private void Add(TokenPile pile, IReadOnlyList<HeldToken> tokens, long startedAt)
    {
        lock (_lock)
        {
            pile.Refill = null;
            if (pile.Dropped) return;
            foreach (var token in tokens) pile.Tokens.Push(token);
            // The whole pile ages with its oldest tokens.
            if (pile.Challenge.MaxAge is { } age) pile.ExpiresAt ??= startedAt + (long)(age.TotalSeconds * _time.TimestampFrequency);
        }
    }

    private void Forget(TokenPile pile)
    {
        lock (_lock) pile.Refill = null;
    }

    [LoggerMessage(EventId = 3401, Level = LogLevel.Debug, Message = "Wallet refilled with {Count} tokens")]
    private partial void LogRefilled(int count);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Warning, Message = "Wallet refill failed: {Reason}")]
    private partial void LogRefillFailed(string reason);
}
