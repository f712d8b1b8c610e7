using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Exporting.Otlp;

namespace PrivacyProxy.Exporting;

/// <summary>Registers what tells others of the proxy.</summary>
internal static class ExportingServices
{
    public static void AddExporting(this WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService<DestinationWarning>();
        builder.AddOtlp();
    }
}
