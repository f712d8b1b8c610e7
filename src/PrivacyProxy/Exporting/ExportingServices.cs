using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Exporting.Otlp;

namespace PrivacyProxy.Exporting;

/// <summary>Registers what tells others of the proxy.</summary>
internal static class ExportingServices
{
    public static IServiceCollection AddExporting(this IServiceCollection services)
    {
        services.AddHostedService<DestinationWarning>();
        services.AddHostedService<OtlpExport>();
        return services;
    }
}
