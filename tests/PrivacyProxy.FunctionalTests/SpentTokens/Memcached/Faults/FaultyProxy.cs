using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Memcached.Fleet;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>The store of one proxy over nodes that break, and what it measures.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly ProxyMeter _meter = new();

    public FaultyProxy(IEnumerable<string> servers, int replicas, TimeSpan deadline, TimeSpan grace, Action<MemcachedOptions>? change = null, FleetRecord? fleet = null, ILogger<MemcachedSpentTokenStore>? log = null)
    {
        var options = new MemcachedOptions
        {
            Servers = [.. servers],
            Replicas = replicas,
            Deadline = deadline,
            ConnectTimeout = TimeSpan.FromMilliseconds(250),
            HealthInterval = TimeSpan.FromMilliseconds(200),
            SyncGrace = grace,
        };
        change?.Invoke(options);
        Metrics = new StoreMetrics(_meter);
        Store = new MemcachedSpentTokenStore(options, new SpentTokenMetrics(_meter), TimeProvider.System, log ?? NullLogger<MemcachedSpentTokenStore>.Instance, fleet);
    }

    public ISpentTokenStore Store { get; }

    public StoreMetrics Metrics { get; }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _meter.Dispose();
    }
}
