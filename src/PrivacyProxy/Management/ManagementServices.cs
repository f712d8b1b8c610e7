using Microsoft.Extensions.Options;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Telemetry.Prometheus;

namespace PrivacyProxy.Management;

/// <summary>Registers the management endpoint.</summary>
internal static class ManagementServices
{
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddSingleton<ProxyReadiness>();
        services.AddSingleton(static provider => new MetricCollection(provider.GetRequiredService<IOptions<TelemetryOptions>>().Value.Metrics.Enabled));
        services.AddHostedService<ManagementServer>();
        return services;
    }
}
