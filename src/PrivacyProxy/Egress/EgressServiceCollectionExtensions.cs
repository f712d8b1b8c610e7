using Microsoft.Extensions.DependencyInjection.Extensions;
using PrivacyProxy.Egress.Dialing;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Egress.Resolution;

namespace PrivacyProxy.Egress;

internal static class EgressServiceCollectionExtensions
{
    /// <summary>Adds <see cref="IEgress"/> and its parts; <see cref="EgressOptions"/> come from the caller, read and checked.</summary>
    public static IServiceCollection AddEgress(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<OwnAddresses>();
        services.TryAddSingleton<EgressPolicy>();
        services.TryAddSingleton<SystemNames>();
        services.TryAddSingleton<DnsClient>();
        services.TryAddSingleton<IResolver, CachingResolver>();
        services.TryAddSingleton<SourcePools>();
        services.TryAddSingleton<TargetLookup>();
        services.TryAddSingleton<IDialer, TcpDialer>();
        services.TryAddSingleton<LoopDialer>();
        services.TryAddSingleton<IEgress, TcpEgress>();
        services.TryAddSingleton<IUdpEgress, UdpEgress>();
        return services;
    }
}
