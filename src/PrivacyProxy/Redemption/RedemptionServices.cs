using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption.Auditing;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Requests;
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
        services.AddSingleton(static provider =>
        {
            var (identity, options) = (provider.GetRequiredService<IProxyIdentity>(), provider.GetRequiredService<IOptionsMonitor<AuthenticationOptions>>());
            return new AcceptedKeySet(() => Challenges(identity, options.CurrentValue), provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<Demand>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<SpendSequence>();
        services.AddSingleton<IRedeemer, Redeemer>();
        services.AddSingleton<SeenDirectories>();
        services.AddSingleton<AuditFindings>();
        services.AddSingleton<IssuerAudits>();
        services.AddSingleton(static provider =>
        {
            var issuers = provider.GetRequiredService<IOptionsMonitor<IList<IssuerOptions>>>();
            var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger($"{typeof(RedemptionServices).Namespace}.{nameof(IssuerKeyRefresher)}");
            var audits = provider.GetRequiredService<IssuerAudits>();
            return new IssuerKeyRefresher(() => issuers.CurrentValue, provider.GetRequiredService<AcceptedKeySet>(), provider.GetRequiredService<TimeProvider>(), logger, issuer => audits.Of((IssuerOptions)issuer));
        });
        services.AddHostedService(static provider => provider.GetRequiredService<IssuerKeyRefresher>());
        return services;
    }

    /// <summary>What the proxy's challenges say.</summary>
    internal static ChallengeSettings Challenges(IProxyIdentity identity, AuthenticationOptions options) =>
        new(identity.OriginInfo, options is { ContextWindow: { } window, ContextSecret: { } secret } ? new RedemptionContexts(secret, window) : null, options.Grease);
}
