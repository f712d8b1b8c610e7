using PrivacyProxy.Configuration;
using PrivacyProxy.SpentTokens.Memory;
using PrivacyProxy.SpentTokens.Sqlite;

namespace PrivacyProxy.SpentTokens;

/// <summary>Registers the store that the configuration asks for.</summary>
internal static class SpentTokenServices
{
    public static IServiceCollection AddSpentTokenStore(this IServiceCollection services) =>
        services.AddSingleton(static provider => Create(provider, provider.GetRequiredService<LiveOptions>().CurrentValue.SpentTokens));

    private static ISpentTokenStore Create(IServiceProvider provider, SpentTokenOptions options)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        return options.Store switch
        {
            SpentTokenStoreKind.Sqlite => SqliteSpentTokenStore.Open(options.Sqlite, time, provider.GetRequiredService<ILogger<SqliteSpentTokenStore>>()),
            _ => new MemorySpentTokenStore(options.Capacity, time),
        };
    }
}
