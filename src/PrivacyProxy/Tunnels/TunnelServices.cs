using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyProxy.Egress.Places;
using PrivacyProxy.Recording;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption.Certificates;
using PrivacyProxy.Tunnels.Rates;

namespace PrivacyProxy.Tunnels;

/// <summary>Registers what tunnels need, except the features below: <c>IRedeemer</c>, <c>IEgress</c>, <c>IUdpEgress</c>, <c>IProxyIdentity</c> and the options.</summary>
internal static class TunnelServices
{
    /// <summary>The host is given this much more than Drain:Delay and Drain:Timeout to stop.</summary>
    private static readonly TimeSpan _stopReserve = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddTunnels(this IServiceCollection services)
    {
        services.AddOptions<HostOptions>()
            .Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = drain.Value.Delay + drain.Value.Timeout + _stopReserve);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static _ => new ProxyMeter());
        services.TryAddSingleton<TunnelMetrics>();
        services.TryAddSingleton<TunnelRegistry>();
        services.TryAddSingleton<TunnelTraces>();
        services.TryAddSingleton<RefusalLog>();
        services.TryAddSingleton<CertificateTunnels>();
        services.TryAddSingleton<TunnelRates>();
        services.TryAddSingleton<ClientPlaces>();
        services.TryAddSingleton<TunnelHandler>();
        services.AddHostedService<TunnelDrain>();
        return services;
    }
}
