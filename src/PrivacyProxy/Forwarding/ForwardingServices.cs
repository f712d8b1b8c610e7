using Microsoft.Extensions.Logging.Abstractions;
using PrivacyProxy.Listeners;
using Yarp.ReverseProxy.Forwarder;

namespace PrivacyProxy.Forwarding;

/// <summary>Registers what forwards plain requests.</summary>
internal static class ForwardingServices
{
    public static IServiceCollection AddForwarding(this IServiceCollection services)
    {
        services.AddSingleton<OriginConnections>();
        services.AddSingleton(static _ => NewForwarder());
        services.AddSingleton<IPlainRequests, PlainRequests>();
        return services;
    }

    /// <summary>YARP's, with nothing to write to: its lines name where requests go.</summary>
    private static IHttpForwarder NewForwarder()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddHttpForwarder();
        // Not disposed of: it lives as long as the process.
        return services.BuildServiceProvider().GetRequiredService<IHttpForwarder>();
    }
}
