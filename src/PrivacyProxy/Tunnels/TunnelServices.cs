using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyProxy.Telemetry.Logs;
using PrivacyProxy.Telemetry.Tracing;

namespace PrivacyProxy.Tunnels;

/// <summary>Registers what tunnels need, except <c>IRedeemer</c>, <c>IEgress</c> and <c>ProxyMetrics</c>.</summary>
internal static class TunnelServices
{
    /// <summary>The host is given this much more than Drain:Timeout to stop.</summary>
    private static readonly TimeSpan _stopReserve = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddTunnels(this IServiceCollection services)
    {
        services.AddOptions<TunnelOptions>().BindConfiguration(TunnelOptions.SectionName).ValidateOnStart();
        services.AddOptions<DrainOptions>().BindConfiguration(DrainOptions.SectionName).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TunnelOptions>, TunnelOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DrainOptions>, DrainOptionsValidator>());
        services.AddOptions<HostOptions>()
            .Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = drain.Value.Timeout + _stopReserve);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TunnelRegistry>();
        services.TryAddSingleton<TunnelTraces>();
        services.TryAddSingleton<RefusalLog>();
        services.TryAddSingleton<TunnelHandler>();
        services.AddHostedService<TunnelDrain>();
        return services;
    }
}
