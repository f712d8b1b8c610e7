using Microsoft.Extensions.DependencyInjection.Extensions;
using PrivacyPass;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.Redemption;

/// <summary>Registers the redeemer, the keys and the store.</summary>
internal static class RedemptionServices
{
    public static IServiceCollection AddRedemption(this IServiceCollection services)
    {
        services.TryAddSingleton<TimeProvider>(static _ => new SteadyTimeProvider(TimeProvider.System));
        // The host's own comes first; load tests have none.
        services.TryAddSingleton(static _ => new ProxyMeter());
        services.AddHostedService<ClockWatch>();
        services.AddSingleton<RedemptionMetrics>();
        services.AddSpentTokenStore();
        services.AddHostedService<SpentTokenStoreStart>();
        services.AddSingleton<IssuerKeySet>();
        services.AddSingleton<Demand>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<SpendSequence>();
        services.AddSingleton<IRedeemer, Redeemer>();
        services.AddSingleton<IssuerKeyRefresher>();
        services.AddHostedService(static provider => provider.GetRequiredService<IssuerKeyRefresher>());
        return services;
    }
}
