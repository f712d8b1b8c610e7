using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Memcached.Fleet;
using PrivacyPass.SpentTokens.Memory;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyPass.SpentTokens;

/// <summary>Makes the store that options ask for.</summary>
internal static class SpentTokenStores
{
    /// <param name="options">Validated.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The clock of deadlines and ends.</param>
    /// <param name="logger">Told of files and servers.</param>
    /// <param name="loops">Where most checks come from; they must live as long. Null for none.</param>
    /// <exception cref="SpentTokenFileException">The file cannot be used.</exception>
    public static ISpentTokenStore Create(SpentTokenStoreOptions options, ISpentTokenMetrics metrics, TimeProvider time, ILogger logger, IReadOnlyList<CheckLoop>? loops = null) => options.Store switch
    {
        SpentTokenStoreKind.Memcached => Memcached(options.Memcached, metrics, time, logger, loops),
        SpentTokenStoreKind.Sqlite => SqliteSpentTokenStore.Open(options.Sqlite, time, logger, metrics),
        _ => new MemorySpentTokenStore(options.Capacity, time),
    };

    public static ISpentTokenStore Memcached(MemcachedOptions options, ISpentTokenMetrics metrics, TimeProvider time, ILogger logger, IReadOnlyList<CheckLoop>? loops = null)
    {
        if (options.Previous.Servers.Count == 0) return new MemcachedSpentTokenStore(options, metrics, time, logger, loops: loops);
        var before = options.BeforeMoving();
        FleetPlacement[] placements = [FleetPlacement.Of(before), FleetPlacement.Of(options)];
        return new MovingSpentTokenStore(
            new MemcachedSpentTokenStore(before, metrics, time, logger, new FleetRecord(placements), " (previous)", loops),
            new MemcachedSpentTokenStore(options, metrics, time, logger, new FleetRecord(placements), loops: loops));
    }
}
