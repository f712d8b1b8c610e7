using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>
/// A router with memcacheds behind it. Its own health is told by <c>version</c>, theirs by markers; both on connections of
/// their own. A server behind it that fails costs its own tokens; one that has forgotten costs the router its vote, until
/// the journals are written again.
/// </summary>
internal sealed class MemcachedRouter : IMemcachedServer
{
    /// <summary>No answer to anything for so long: the router, or a server that it waits for without limit, has stalled.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(5);

    private readonly MemcachedEndpoint _endpoint;
    private readonly NodeSettings _settings;
    private readonly MemcachedLinkOptions _link;
    private readonly NodeRotation _rotation;
    private readonly RouterMarkers _markers;
    private readonly RouterLinks _links;
    private readonly NodeSync _sync;
    private readonly NodeLog _log;
    private readonly Action<TimeSpan> _replied;
    private readonly ConcurrentQueue<RouterCheck> _idle = new();
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _loops;
    private volatile TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardAt;
    private bool _isAlive;
    private bool _isLookedAt;
    private bool _isConnected;
    private bool _toldOfAway;
    private bool _toldOfTags;

    /// <param name="endpoint">Where it is.</param>
    /// <param name="holds">Whether it is one of a token's replicas.</param>
    /// <param name="settings">What all servers have in common.</param>
    [SuppressMessage("Reliability", "CA2025", Justification = "DisposeAsync waits for the loops before it disposes what they use.")]
    public MemcachedRouter(MemcachedEndpoint endpoint, Func<SpentTokenKey, bool> holds, NodeSettings settings)
    {
        (_endpoint, _settings) = (endpoint, settings);
        Name = endpoint + settings.NameSuffix;
        _replied = settings.Metrics.NodeReplied(Name);
        _link = settings.Link with { Replied = Heard };
        _rotation = new NodeRotation(settings.Options.SyncGrace, settings.Time);
        _markers = new RouterMarkers(settings.Link.KeyPrefix, settings.Link.KeyTags, settings.Options.SyncGrace, settings.Time, Forgotten);
        _links = new RouterLinks(settings.Options.StallAfter / 8);
        _log = new NodeLog(Name, settings.Logger);
        _sync = new NodeSync(_rotation, new NodeReplay(settings.Journal, holds, WriteAsync, settings.ReplayChunk, MayLeaveOut), settings.Time, _log);
        _loops =
        [
            .. settings.Connections(_link).Select(link => Task.Run(() => KeepConnectedAsync(link))),
            Task.Run(KeepAskingVersionAsync),
            Task.Run(KeepLookingAsync),
            Task.Run(() => _sync.RunAsync(_stop.Token)),
        ];
    }

    public string Name { get; }

    public NodeStanding Standing => _rotation.Standing;

    public string? Problem => Standing.State switch
    {
        NodeState.Up => null,
        NodeState.Syncing => $"what is behind {Name} is being brought up to date",
        _ => $"{Name} {_log.LastProblem}",
    };

    /// <summary>Routers do not tell.</summary>
    public long Evictions => 0;

    public double MemoryUsed => double.NaN;

    public ValueTask<MemcachedReply> GetAsync(SpentTokenKey key) => _links.Pick() is { } link ? Check().LookUp(link, key) : new(MemcachedReply.Closed);

    public ValueTask<MemcachedReply> AddAsync(SpentTokenKey key, long exptime) => _links.Pick() is { } link ? Check().Add(link, key, exptime) : new(MemcachedReply.Closed);

    public void Owe(long sequence)
    {
        _rotation.Owe(sequence);
        _sync.Wake();
    }

    public void Count(MemcachedReply reply) => _settings.Metrics.Unavailable(Name, reply);

    /// <summary>Gives up connections that a server behind the router holds up; the loops open others.</summary>
    public void CheckStall()
    {
        foreach (var link in _links.Open)
        {
            if (link.Link.OldestWait < _settings.Options.StallAfter) continue;
            _links.Remove(link);
            _ = link.Link.DisposeAsync().AsTask();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var link in _links.Open) await link.Link.DisposeAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
        _sync.Dispose();
    }

    private RouterCheck Check() => _idle.TryDequeue(out var check) ? check : new RouterCheck(_markers, _idle);

    private ValueTask<MemcachedReply> WriteAsync(SpentTokenKey key, long exptime) => _links.Pick()?.Link.AddAsync(key, exptime) ?? new(MemcachedReply.Closed);

    /// <summary>An entry for a server that is away is written when that comes back; the others need not wait for it.</summary>
    private bool MayLeaveOut(MemcachedReply reply)
    {
        if (reply != MemcachedReply.Failed || _markers.AwayCount == 0) return false;
        _markers.Owe();
        return true;
    }

    private void Heard(TimeSpan elapsed)
    {
        Volatile.Write(ref _heardAt, _settings.Time.GetTimestamp());
        _replied(elapsed);
    }

    private async Task KeepConnectedAsync(MemcachedLinkOptions options)
    {
        var waits = _settings.ReconnectWaits();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var link = new RouterLink(await MemcachedLink.ConnectAsync(_endpoint, options, _stop.Token), _markers, _settings.Time);
                _links.Add(link);
                Judge(() => _isConnected = true);
                // Closed while it was being added.
                if (_stop.IsCancellationRequested) await link.Link.DisposeAsync();
                var reason = await link.Link.Closed;
                _links.Remove(link);
                await link.Link.DisposeAsync();
                if (!_stop.IsCancellationRequested) _settings.Metrics.Reconnect(Name);
                // Given up by us: the router is well, and a new connection is free of what held up the old one.
                if (reason == MemcachedCloseReason.Disposed) continue;
            }
            catch (Exception exception)
            {
                // Whatever a router or a resolver does, the loop goes on.
                Fail(exception);
            }
            await PauseAsync(waits.Next());
        }
    }

    /// <summary>Asks the router itself, on a connection that no server behind it can hold up.</summary>
    private async Task KeepAskingVersionAsync()
    {
        var waits = _settings.ReconnectWaits();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var link = await MemcachedLink.ConnectAsync(_endpoint, _link with { Deadline = _settings.Options.StallAfter }, _stop.Token);
                using var stopping = CloseAtStop(link);
                while (!_stop.IsCancellationRequested && await IsAnsweredAsync(link))
                {
                    Judge(() => _isAlive = true);
                    waits.Reset();
                    await PauseAsync(_settings.Options.HealthInterval);
                }
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
            await PauseAsync(waits.Next());
        }
    }

    /// <summary>An error is an answer too. Some routers pass <c>version</c> on: while anything else is answered, they are alive.</summary>
    private async Task<bool> IsAnsweredAsync(MemcachedLink link)
    {
        var askedAt = _settings.Time.GetTimestamp();
        var (reply, _) = await link.AskTextAsync("version");
        if (reply is MemcachedReply.Hit or MemcachedReply.Miss or MemcachedReply.Failed) return true;
        if (!_stop.IsCancellationRequested && (reply == MemcachedReply.Closed || Volatile.Read(ref _heardAt) < askedAt))
        {
            _log.Unreachable("does not answer");
            Judge(() => _isAlive = false);
        }
        return false;
    }

    private async Task KeepLookingAsync()
    {
        var waits = _settings.ReconnectWaits();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var link = await MemcachedLink.ConnectAsync(_endpoint, _link with { Deadline = _silence }, _stop.Token);
                using var stopping = CloseAtStop(link);
                var looks = new RouterLink(link, _markers, _settings.Time);
                while (await looks.LookAsync())
                {
                    if (await _settings.Fleet.CheckAsync(Name, link) is { } problem) _log.Disagrees(problem);
                    Judge(() => _isLookedAt = _markers.IsKnown);
                    TellOfAway();
                    waits.Reset();
                    // What one marker has shown, others will: all that there is to it at once.
                    await _lost.Task.WaitAsync(_settings.Options.HealthInterval, _settings.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    if (_stop.IsCancellationRequested) break;
                    _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
                if (!_stop.IsCancellationRequested) _log.Unreachable(link.IsOpen ? $"waits for a memcached behind it for more than {_silence.TotalSeconds} s: set a limit in the router" : "does not answer");
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
            // Not believed before they have been looked at again.
            Judge(() => _isLookedAt = false);
            await PauseAsync(waits.Next());
        }
    }

    /// <summary>Called by the markers, before anybody can learn of it otherwise.</summary>
    private void Forgotten(NodeEpoch epoch)
    {
        if (!_rotation.Admit(epoch)) return;
        _lost.TrySetResult();
        _log.BackendMemoryLost(_settings.Journal.Count);
        _settings.Metrics.MemoryLost(Name);
        _sync.Wake();
    }

    /// <summary>Notes something, and lets the router take part when all is well.</summary>
    private void Judge(Action note)
    {
        lock (_gate)
        {
            note();
            if (_isAlive && _isLookedAt && _isConnected) _markers.Tell(epoch => _rotation.Admit(epoch));
            else _rotation.Leave();
        }
        _sync.Wake();
    }

    private void TellOfAway()
    {
        if (_markers.AreElsewhere && !_toldOfTags)
        {
            _toldOfTags = true;
            _log.TagsIgnored();
        }
        var away = _markers.AwayCount;
        if (away > 0 == _toldOfAway) return;
        _toldOfAway = away > 0;
        _log.BackendsAway(away, _markers.Count);
    }

    private void Fail(Exception exception)
    {
        if (!_stop.IsCancellationRequested) _log.Unreachable($"cannot be reached ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
    }

    /// <summary>A silent router must not hold up the end of the store until the deadline.</summary>
    private CancellationTokenRegistration CloseAtStop(MemcachedLink link) =>
        _stop.Token.UnsafeRegister(static link => _ = ((MemcachedLink)link!).DisposeAsync().AsTask(), link);

    private async Task PauseAsync(TimeSpan pause) => await Task.Delay(pause, _settings.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
