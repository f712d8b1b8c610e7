using System.Diagnostics.CodeAnalysis;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// One memcached server: keeps its connections, probes it, notices when it stalls or forgets, and brings it up to date
/// before it votes. All of that in the background; a check meets only <see cref="Standing"/> and a connection.
/// </summary>
internal sealed class MemcachedNode : IMemcachedServer
{
    private static readonly TimeSpan _steady = TimeSpan.FromSeconds(1);

    /// <summary>How soon after a connection the memory behind it is looked at.</summary>
    private static readonly TimeSpan _memoryLook = TimeSpan.FromSeconds(1);

    private readonly MemcachedEndpoint _endpoint;
    private readonly NodeSettings _settings;
    private readonly MemcachedLinkOptions _link;
    private readonly NodeRotation _rotation;
    private readonly NodeLinks _links = new();
    private readonly NodeMarker _marker;
    private readonly NodeMemoryWatch _memory;
    private readonly NodeLog _log;
    private readonly Lock _gate = new();
    private readonly NodeSync _sync;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _loops;

    /// <param name="endpoint">Where it is.</param>
    /// <param name="holds">Whether it is one of a token's replicas.</param>
    /// <param name="settings">What all servers have in common.</param>
    [SuppressMessage("Reliability", "CA2025", Justification = "DisposeAsync waits for the loops before it disposes what they use.")]
    public MemcachedNode(MemcachedEndpoint endpoint, Func<SpentTokenKey, bool> holds, NodeSettings settings)
    {
        (_endpoint, _settings) = (endpoint, settings);
        Name = endpoint + settings.NameSuffix;
        _link = settings.Link with { Replied = settings.Metrics.NodeReplied(Name) };
        _rotation = new NodeRotation(settings.Options.SyncGrace, settings.Time);
        _marker = new NodeMarker(settings.Link.KeyPrefix, settings.Time);
        _log = new NodeLog(Name, settings.Logger);
        _sync = new NodeSync(_rotation, new NodeReplay(settings.Journal, holds, AddAsync, settings.ReplayChunk), settings.Time, _log);
        _memory = new NodeMemoryWatch(endpoint, settings.Link, _log);
        _loops =
        [
            .. settings.Connections(_link).Select(link => Task.Run(() => KeepConnectedAsync(link))),
            Task.Run(ProbeAsync),
            Task.Run(WatchMemoryAsync),
            Task.Run(() => _sync.RunAsync(_stop.Token)),
        ];
    }

    /// <summary>As configured; the metric label <c>node</c>.</summary>
    public string Name { get; }

    public NodeStanding Standing => _rotation.Standing;

    public string? Problem => Standing.State switch
    {
        NodeState.Up => null,
        NodeState.Syncing => $"{Name} is being brought up to date",
        _ => $"{Name} {_log.LastProblem}",
    };

    public long Evictions => _memory.Evictions;

    public double MemoryUsed => _memory.UsedShare;

    public ValueTask<MemcachedReply> GetAsync(SpentTokenKey key) => _links.Pick()?.GetAsync(key) ?? new(MemcachedReply.Closed);

    public ValueTask<MemcachedReply> AddAsync(SpentTokenKey key, long exptime) => _links.Pick()?.AddAsync(key, exptime) ?? new(MemcachedReply.Closed);

    public void Owe(long sequence)
    {
        _rotation.Owe(sequence);
        _sync.Wake();
    }

    public void Count(MemcachedReply reply) => _settings.Metrics.Unavailable(Name, reply);

    /// <summary>Takes it out of rotation if it owes an answer for too long. Called when any connection does.</summary>
    public void CheckStall()
    {
        if (_links.OldestWait < _settings.Options.StallAfter) return;
        IReadOnlyList<MemcachedLink> links;
        lock (_gate)
        {
            links = _links.RemoveAll();
            _rotation.Leave();
        }
        if (links.Count == 0) return;
        _log.Stalled(_settings.Options.StallAfter);
        // Releases the checks that wait, too. The loops connect again; it answers when it has recovered.
        foreach (var link in links) _ = link.DisposeAsync().AsTask();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        IReadOnlyList<MemcachedLink> links;
        lock (_gate) links = _links.RemoveAll();
        foreach (var link in links) await link.DisposeAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
        _sync.Dispose();
    }

    private async Task KeepConnectedAsync(MemcachedLinkOptions options)
    {
        var waits = _settings.ReconnectWaits();
        while (!_stop.IsCancellationRequested)
        {
            if (await TryConnectAsync(options) is { } link)
            {
                var since = _settings.Time.GetTimestamp();
                var reason = await link.Closed;
                await link.DisposeAsync();
                Drop(link, reason);
                if (_settings.Time.GetElapsedTime(since) > _steady) waits.Reset();
            }
            await Task.Delay(waits.Next(), _settings.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Connects, and lets the connection take part once the server's epoch is known.</summary>
    private async Task<MemcachedLink?> TryConnectAsync(MemcachedLinkOptions options)
    {
        MemcachedLink? link = null;
        try
        {
            link = await MemcachedLink.ConnectAsync(_endpoint, options, _stop.Token);
            if (await _marker.ReadAsync(link) is not { } epoch)
            {
                _log.Unreachable("does not answer, or cannot store its marker");
            }
            else
            {
                await CompareAsync(link);
                if (Admit(link, epoch)) return link;
            }
        }
        catch (Exception exception)
        {
            // Whatever a server or a resolver does, the loop goes on.
            if (!_stop.IsCancellationRequested) _log.Unreachable($"cannot be reached ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
        if (link is not null) await link.DisposeAsync();
        return null;
    }

    /// <summary>Whether other proxies go by the same settings.</summary>
    private async Task CompareAsync(MemcachedLink link)
    {
        if (await _settings.Fleet.CheckAsync(Name, link) is { } problem) _log.Disagrees(problem);
    }

    private bool Admit(MemcachedLink link, NodeEpoch epoch)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return false;
            // First the epoch: no answer of a new memory may count for the old one.
            See(epoch);
            _links.Add(link);
        }
        _sync.Wake();
        return true;
    }

    private void See(NodeEpoch epoch)
    {
        if (!_rotation.Admit(epoch)) return;
        _log.MemoryLost(_settings.Journal.Count);
        _settings.Metrics.MemoryLost(Name);
    }

    private void Drop(MemcachedLink link, MemcachedCloseReason reason)
    {
        if (_stop.IsCancellationRequested) return;
        bool left;
        lock (_gate) left = _links.Remove(link) && _rotation.Leave();
        _settings.Metrics.Reconnect(Name);
        if (left) _log.Lost(reason);
    }

    /// <summary>Asks for the epoch over every connection: finds dead ones, and memory that was flushed.</summary>
    private async Task ProbeAsync()
    {
        using var timer = new PeriodicTimer(_settings.Options.HealthInterval, _settings.Time);
        while (await NextAsync(timer))
        {
            foreach (var link in _links.Open)
            {
                if (await _marker.ReadAsync(link) is not { } epoch)
                {
                    await link.DisposeAsync();
                    continue;
                }
                lock (_gate) See(epoch);
                _sync.Wake();
                await CompareAsync(link);
            }
        }
    }

    /// <summary>Apart from the probes: what it waits for must not hold them up.</summary>
    private async Task WatchMemoryAsync()
    {
        using var timer = new PeriodicTimer(_memoryLook, _settings.Time);
        while (await NextAsync(timer))
            if (_links.Pick() is { } open) await _memory.LookAsync(open, _stop.Token);
    }

    private async ValueTask<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
