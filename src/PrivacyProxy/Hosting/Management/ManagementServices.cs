using PrivacyProxy.Exporting.Prometheus;

namespace PrivacyProxy.Hosting.Management;

/// <summary>Registers the management endpoint.</summary>
internal static class ManagementServices
{
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddSingleton<ProxyReadiness>();
        services.AddSingleton<ReadinessMetrics>();
        services.AddSingleton<MeterBridge>();
        services.AddHostedService<ManagementServer>();
        return services;
    }
}
