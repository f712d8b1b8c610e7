using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Tunneling.Loops;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>A stub resolver with a cache: special names, then the hosts file, then the cache, then one query for all who ask.</summary>
internal sealed class CachingResolver : IResolver, IDisposable
{
    // RFC 9520: failures are kept too, briefly, or each client's retry becomes a query.
    private static readonly TimeSpan _failureLifetime = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<DnsKey, TaskCompletionSource<AddressAnswer>> _underWay = new();
    private readonly ResolverOptions _options;
    private readonly SystemNames _system;
    private readonly DnsClient _client;
    private readonly DnsCache _cache;
    private readonly SemaphoreSlim _queries;

    public CachingResolver(IOptions<EgressOptions> options, SystemNames system, DnsClient client, TimeProvider time)
    {
        _options = options.Value.Resolver;
        (_system, _client) = (system, client);
        _cache = new DnsCache(_options.CacheEntries, time);
        _queries = new SemaphoreSlim(_options.ConcurrentQueries);
    }

    /// <summary>Answers kept.</summary>
    public int CachedAnswers => _cache.Count;

    public ValueTask<AddressAnswer> ResolveAsync(string name, AddressFamily family, CancellationToken cancellationToken)
    {
        if ((SpecialNames.Resolve(name, family) ?? _system.Hosts.Resolve(name, family)) is { } known) return new(known);
        var key = new DnsKey(name, family);
        return _cache.TryGet(key, out var cached) ? new(cached) : new(JoinAsync(key).WaitAsync(cancellationToken));
    }

    public void Dispose() => _queries.Dispose();

    private Task<AddressAnswer> JoinAsync(DnsKey key)
    {
        var mine = new TaskCompletionSource<AddressAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var winner = _underWay.GetOrAdd(key, mine);
        // Not on a loop of tunnels: a query is answered by the pool.
        if (ReferenceEquals(winner, mine)) _ = EventLoop.Current is null ? LeadAsync(key, mine) : Task.Run(() => LeadAsync(key, mine));
        return winner.Task;
    }

    private async Task LeadAsync(DnsKey key, TaskCompletionSource<AddressAnswer> result)
    {
        AddressAnswer? answer = null;
        try
        {
            // Another query may have ended between the look into the cache and ours becoming the one.
            if (!_cache.TryGet(key, out answer)) answer = await QueryAsync(key);
        }
        catch (Exception)
        {
            answer = AddressAnswer.Failed(DnsRcode.ServerFailure); // out of sockets or memory: the client sees dns_error
        }
        finally
        {
            _underWay.TryRemove(key, out _);
            result.SetResult(answer ?? AddressAnswer.Failed(DnsRcode.ServerFailure));
        }
    }

    private async Task<AddressAnswer> QueryAsync(DnsKey key)
    {
        if (!await _queries.WaitAsync(_options.Timeout)) return AddressAnswer.Timeout;
        try
        {
            var type = key.Family == AddressFamily.InterNetwork ? DnsRecordType.A : DnsRecordType.Aaaa;
            var response = await _client.QueryAsync(key.Name, type);
            var (answer, lifetime) = Judge(response);
            _cache.Set(key, answer, lifetime);
            return answer;
        }
        finally
        {
            _queries.Release();
        }
    }

    private (AddressAnswer Answer, TimeSpan Lifetime) Judge(DnsResponse? response) => response switch
    {
        null => (AddressAnswer.Timeout, _failureLifetime),
        { Rcode: DnsRcode.NoError, Addresses.Length: > 0 } found => (AddressAnswer.Of(found.Addresses), Clamp(found.Ttl)),
        { Rcode: DnsRcode.NoError } absent => (AddressAnswer.Empty, ClampNegative(absent.Ttl)),
        { Rcode: DnsRcode.NameError } absent => (AddressAnswer.NoSuchName, ClampNegative(absent.Ttl)),
        { } failed => (AddressAnswer.Failed(failed.Rcode), _failureLifetime),
    };

    private TimeSpan Clamp(uint ttl)
    {
        var lifetime = TimeSpan.FromSeconds(ttl);
        return lifetime < _options.MinimumTtl ? _options.MinimumTtl : lifetime > _options.MaximumTtl ? _options.MaximumTtl : lifetime;
    }

    private TimeSpan ClampNegative(uint ttl)
    {
        var lifetime = TimeSpan.FromSeconds(ttl);
        return lifetime > _options.MaximumNegativeTtl ? _options.MaximumNegativeTtl : lifetime;
    }
}
