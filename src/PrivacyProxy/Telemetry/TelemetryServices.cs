using PrivacyProxy.Telemetry.Logs;
using PrivacyProxy.Telemetry.Otlp;

namespace PrivacyProxy.Telemetry;

/// <summary>Registers what tells others of the proxy.</summary>
internal static class TelemetryServices
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddHostedService<DestinationWarning>();
        services.AddHostedService<OtlpExport>();
        return services;
    }
}
