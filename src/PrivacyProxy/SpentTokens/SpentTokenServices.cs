using Microsoft.Extensions.Options;
using PrivacyProxy.SpentTokens.Memcached;
using PrivacyProxy.SpentTokens.Memcached.Fleet;
using PrivacyProxy.SpentTokens.Memory;
using PrivacyProxy.SpentTokens.Sqlite;
using Tunneling.Loops;

namespace PrivacyProxy.SpentTokens;

/// <summary>Registers the store that the configuration asks for.</summary>
internal static class SpentTokenServices
{
    public static IServiceCollection AddSpentTokenStore(this IServiceCollection services)
    {
        services.AddSingleton<SpentTokenMetrics>();
        services.AddSingleton(static provider => Create(provider, provider.GetRequiredService<IOptions<SpentTokenOptions>>().Value));
        return services;
    }

    private static ISpentTokenStore Create(IServiceProvider provider, SpentTokenOptions options)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        return options.Store switch
        {
            SpentTokenStoreKind.Memcached => Memcached(options.Memcached, provider.GetRequiredService<SpentTokenMetrics>(), time, provider.GetRequiredService<ILogger<MemcachedSpentTokenStore>>(), provider.GetService<ILoopSource>()?.Loops),
            SpentTokenStoreKind.Sqlite => SqliteSpentTokenStore.Open(options.Sqlite, time, provider.GetRequiredService<ILogger<SqliteSpentTokenStore>>(), provider.GetRequiredService<SpentTokenMetrics>()),
            _ => new MemorySpentTokenStore(options.Capacity, time),
        };
    }

    internal static ISpentTokenStore Memcached(MemcachedOptions options, SpentTokenMetrics metrics, TimeProvider time, ILogger<MemcachedSpentTokenStore> logger, IReadOnlyList<EventLoop>? loops = null)
    {
        if (options.Previous.Servers.Count == 0) return new MemcachedSpentTokenStore(options, metrics, time, logger, loops: loops);
        var before = options.BeforeMoving();
        FleetPlacement[] placements = [FleetPlacement.Of(before), FleetPlacement.Of(options)];
        return new MovingSpentTokenStore(
            new MemcachedSpentTokenStore(before, metrics, time, logger, new FleetRecord(placements), " (previous)", loops),
            new MemcachedSpentTokenStore(options, metrics, time, logger, new FleetRecord(placements), loops: loops));
    }
}
