using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using PrivacyProxy.Admission.Http2;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting.Logs;

namespace PrivacyProxy.Commands;

/// <summary>What the services beside the proxy, issuer and auditor, have alike.</summary>
internal static class ServiceHosting
{
    /// <summary>Of a request, where no more is asked for.</summary>
    public const int LargestBody = 64 * 1024;

    /// <summary>Everything goes to standard error: standard output holds the ready line alone.</summary>
    public static void AddStandardErrorLogging(this WebApplicationBuilder builder)
    {
        ConsoleLogging.Check(builder.Configuration);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    /// <summary>Listens on every URL, with TLS on https ones.</summary>
    public static void ListenService(this KestrelServerOptions kestrel, IEnumerable<ListenUrl> urls, ServerTls? tls, int largestBody = LargestBody)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = largestBody;
        foreach (var url in urls) kestrel.Listen(url.EndPoint, listen =>
        {
            if (!url.Tls) return;
            listen.UseTls(tls!.ForKestrel());
            listen.Use(StrangerStreams.WatchChosen);
        });
    }
}
