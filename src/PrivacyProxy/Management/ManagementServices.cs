using PrivacyProxy.Telemetry.Prometheus;

namespace PrivacyProxy.Management;

/// <summary>Registers the management endpoint.</summary>
internal static class ManagementServices
{
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddSingleton<ProxyReadiness>();
        services.AddSingleton<MetricCollection>();
        services.AddHostedService<ManagementServer>();
        return services;
    }
}
