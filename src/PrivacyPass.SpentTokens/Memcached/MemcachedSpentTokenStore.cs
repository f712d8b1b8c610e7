using PrivacyPass.SpentTokens.Memcached.Fleet;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Routers;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached;

/// <summary>
/// Spent tokens in memcached servers, shared by many proxies: each on R of them, a spend accepted by more than half.
/// Guarantees and what they rest on are in docs/spent-tokens.md.
/// </summary>
internal sealed partial class MemcachedSpentTokenStore : ISpentTokenStore, ISpentTokenGauges
{
    private static readonly TimeSpan _trimInterval = TimeSpan.FromSeconds(1);

    private readonly IMemcachedServer[] _nodes;
    private readonly ReplicaVoting _voting;
    private readonly FleetRecord _fleet;
    private readonly TimeProvider _time;
    private readonly long _expiryMargin;
    private readonly ITimer _trimming;
    private readonly IDisposable _observed;
    private readonly ILogger _logger;
    private readonly int _journalCapacity;
    private volatile bool _hasBeenReady;
    private bool _toldOfOverflow;

    /// <summary>Begins to connect; <see cref="IsReady"/> tells when it has.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The clock of deadlines and ends.</param>
    /// <param name="logger">Told of servers.</param>
    /// <param name="fleet">What other proxies are compared with; null for one of its own.</param>
    /// <param name="nameSuffix">Told behind the names of servers.</param>
    /// <param name="loops">The event loops that most checks come from; they must live as long. Null for none.</param>
    public MemcachedSpentTokenStore(MemcachedOptions options, ISpentTokenMetrics metrics, TimeProvider time, ILogger logger, FleetRecord? fleet = null, string nameSuffix = "", IReadOnlyList<CheckLoop>? loops = null)
    {
        _fleet = fleet ?? new FleetRecord(FleetPlacement.Of(options));
        (_time, _logger, _journalCapacity) = (time, logger, options.JournalCapacity);
        _expiryMargin = (long)options.ExpiryMargin.TotalSeconds;
        var endpoints = options.Endpoints;
        var choice = new ReplicaChoice([.. endpoints.Select(static endpoint => endpoint.ToString())], options.Replicas);
        var journal = new SpendJournal(options.JournalCapacity, time);
        var settings = new NodeSettings(options, LinkOptions(options, metrics, time), journal, _fleet, metrics, time, logger) { NameSuffix = nameSuffix, Loops = loops ?? [] };
        _nodes =
        [
            .. endpoints.Select<MemcachedEndpoint, IMemcachedServer>((endpoint, number) => options.Topology == MemcachedTopology.Router
                ? new MemcachedRouter(endpoint, key => choice.Holds(number, key), settings)
                : new MemcachedNode(endpoint, key => choice.Holds(number, key), settings)),
        ];
        _voting = new ReplicaVoting(_nodes, choice, journal);
        _observed = metrics.Observe(this);
        _trimming = time.CreateTimer(static store => ((MemcachedSpentTokenStore)store!).Trim(), this, _trimInterval, _trimInterval);
    }

    public string Name => "memcached";

    public bool LooksUpFirst => true;

    /// <summary>
    /// True once every token had a majority of its replicas, and from then on while any can have one: a fleet that lost
    /// some of its servers refuses their tokens, and should not be taken away from those of the others.
    /// </summary>
    public bool IsReady
    {
        get
        {
            var voting = _nodes.Count(static node => node.Standing.Votes);
            if (!_hasBeenReady && _nodes.Length - voting <= _voting.Replicas - _voting.Majority) _hasBeenReady = true;
            return _hasBeenReady && !_fleet.Disagrees && voting >= _voting.Majority;
        }
    }

    public string? NotReady => IsAhead ? $"spent-token store {Name}: the system clock has jumped so far ahead that the servers may have deleted what was spent; tokens of keys that would have ended are refused" : _fleet.Problem ?? (IsReady ? null : $"spent-token store {Name} is not ready: {string.Join("; ", _nodes.Select(static node => node.Problem).OfType<string>())}");

    public long InFlight => _voting.InFlight;

    public long JournalEntries => _voting.Journal.Count;

    public long JournalOverwritten => _voting.Journal.Overwritten;

    public IEnumerable<(string Node, NodeState State, long Evictions, double MemoryUsed)> NodeStates =>
        _nodes.Select(static node => (node.Name, node.Standing.State, node.Evictions, node.MemoryUsed));

    public ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken) =>
        !CanSpend(token) ? new(SpendOutcome.Unavailable) : _voting.LookUpAsync(token.Key, token.Trace);

    /// <summary>A spend that has begun is not taken back: it ends by <see cref="MemcachedOptions.Deadline"/>, not by cancellation.</summary>
    public ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken) =>
        !CanSpend(token) ? new(SpendOutcome.Unavailable) : _voting.SpendAsync(token.Key, Exptime(token), token.Trace);

    /// <summary>False where the answer is no already: its key has ended, or other proxies would look for it elsewhere.</summary>
    public bool CanSpend(in SpentToken token) => !_fleet.Disagrees && !IsExpired(token);

    public async ValueTask DisposeAsync()
    {
        await _trimming.DisposeAsync();
        _observed.Dispose();
        await Task.WhenAll(_nodes.Select(static node => node.DisposeAsync().AsTask()));
    }

    /// <summary>
    /// An entry may be gone already, and nothing be known of the token any more: the servers delete by their own clocks. If ours
    /// has jumped, it may be that it was late before, and half of the margin is left to be sure.
    /// </summary>
    private bool IsExpired(in SpentToken token) =>
        token.Expires <= _time.GetUtcNow().ToUnixTimeSeconds()
        || (_time is SteadyTimeProvider { Latest: var latest } && token.Expires + _expiryMargin / 2 <= latest.ToUnixTimeSeconds());

    /// <summary>Absolute always: relative times end at 30 days. Beyond what memcached can read (2038), and of keys without end: never.</summary>
    private long Exptime(in SpentToken token) => token.Expires > int.MaxValue - _expiryMargin ? 0 : token.Expires + _expiryMargin;

    private bool IsAhead => _time is SteadyTimeProvider { Jump: { } jump } && jump.TotalSeconds > _expiryMargin / 2;

    /// <summary>A connection has stalled, which may be before all are there.</summary>
    private void CheckStalls()
    {
        foreach (var node in _nodes ?? []) node.CheckStall();
    }

    private void Trim()
    {
        _voting.Journal.Trim();
        if (_toldOfOverflow || _voting.Journal.Overwritten == 0) return;
        _toldOfOverflow = true;
        LogJournalFull(_journalCapacity);
    }

    private MemcachedLinkOptions LinkOptions(MemcachedOptions options, ISpentTokenMetrics metrics, TimeProvider time) => new()
    {
        Deadline = options.AnswerWithin,
        StallAfter = options.StallAfter,
        Stalled = CheckStalls,
        ConnectTimeout = options.ConnectTimeout,
        MaxInFlight = options.MaxInFlight,
        KeyPrefix = options.KeyPrefix,
        KeyTags = options.KeyTags,
        Tls = options.Tls.Load(),
        BatchSent = metrics.BatchSent,
        Time = time,
    };

    [LoggerMessage(EventId = 2461, Level = LogLevel.Warning, Message = "The journal of {Capacity} spends is full of tokens that have not expired; a server that loses its memory is not given back the oldest. Raise SpentTokens:Memcached:JournalCapacity.")]
    private partial void LogJournalFull(int capacity);
}
