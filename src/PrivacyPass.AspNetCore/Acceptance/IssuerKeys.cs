namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>What is known of one issuer's keys over time. Not safe for concurrent use.</summary>
internal sealed class IssuerKeys(IIssuerSettings options)
{
    private const int Unlisted = int.MaxValue;

    private readonly Dictionary<TokenKeyId, State> _known = [];

    public string Name => options.Name;

    /// <summary>The keys accepted now or later, the source's preferred one first, those it no longer lists last.</summary>
    public IEnumerable<AcceptedKey> Keys => _known.Values.OrderBy(static state => state.Rank).Select(static state => state.Key);

    /// <summary>Takes over what the source lists now. Keys it no longer lists end after the grace.</summary>
    public void Update(IReadOnlyList<ListedKey> listed, DateTimeOffset now)
    {
        var ranks = new Dictionary<TokenKeyId, int>();
        foreach (var key in listed)
        {
            if (!ranks.TryAdd(key.KeyId, ranks.Count)) continue;
            if (!_known.TryGetValue(key.KeyId, out var state)) _known[key.KeyId] = state = new State(Accept(key, now));
            state.Key = state.Key.Until(key.NotAfter ?? DateTimeOffset.MaxValue);
            state.Rank = ranks[key.KeyId];
        }
        foreach (var (keyId, state) in _known)
        {
            if (ranks.ContainsKey(keyId) || state.Rank == Unlisted) continue;
            state.Rank = Unlisted;
            var end = now + options.RemovalGrace;
            if (end < state.Key.NotAfter) state.Key = state.Key.Until(end);
        }
    }

    private AcceptedKey Accept(ListedKey key, DateTimeOffset now)
    {
        var notBefore = key.NotBefore ?? now;
        var notAfter = key.NotAfter ?? ALifetimeAfter(notBefore);
        // Where the directory does not say when a key began, a proxy that starts later takes its tokens for longer; at most
        // another lifetime, as no issuer lists a key for more than one. Spent tokens that proxies share must last as long.
        var isSeenAlike = key.NotBefore is not null || key.NotAfter is not null;
        return new AcceptedKey(Name, key.CreateVerifier(), notBefore, notAfter, isSeenAlike ? notAfter : ALifetimeAfter(notAfter));
    }

    private DateTimeOffset ALifetimeAfter(DateTimeOffset time) =>
        time < DateTimeOffset.MaxValue - options.KeyLifetime ? time + options.KeyLifetime : DateTimeOffset.MaxValue;

    private sealed class State(AcceptedKey key)
    {
        public AcceptedKey Key { get; set; } = key;

        public int Rank { get; set; }
    }
}
