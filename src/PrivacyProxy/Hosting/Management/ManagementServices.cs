using Microsoft.Extensions.Options;
using PrivacyProxy.Exporting;
using PrivacyProxy.Exporting.Prometheus;

namespace PrivacyProxy.Hosting.Management;

/// <summary>Registers the management endpoint.</summary>
internal static class ManagementServices
{
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddSingleton<ProxyReadiness>();
        services.AddSingleton<ReadinessMetrics>();
        services.AddSingleton(static provider => new MetricCollection(provider.GetRequiredService<IOptions<MetricsOptions>>().Value.Enabled));
        services.AddHostedService<ManagementServer>();
        return services;
    }
}
