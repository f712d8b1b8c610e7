using Microsoft.Extensions.DependencyInjection.Extensions;
using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.SpentTokens.Memory;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Redemption;

/// <summary>Registers the redeemer, the keys and the store.</summary>
internal static class RedemptionServices
{
    public static IServiceCollection AddRedemption(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProxyMetrics>();
        services.AddSingleton<ISpentTokenStore>(static provider => new MemorySpentTokenStore(
            provider.GetRequiredService<LiveOptions>().CurrentValue.SpentTokens.Capacity, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IssuerKeySet>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<SpendSequence>();
        services.AddSingleton<IRedeemer, Redeemer>();
        services.AddHostedService<IssuerKeyRefresher>();
        return services;
    }
}
