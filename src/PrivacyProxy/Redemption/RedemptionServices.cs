using Microsoft.Extensions.DependencyInjection.Extensions;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Redemption;

/// <summary>Registers the redeemer, the keys and the store.</summary>
internal static class RedemptionServices
{
    public static IServiceCollection AddRedemption(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProxyMetrics>();
        services.AddSpentTokenStore();
        services.AddSingleton<IssuerKeySet>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<SpendSequence>();
        services.AddSingleton<IRedeemer, Redeemer>();
        services.AddHostedService<IssuerKeyRefresher>();
        return services;
    }
}
