using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyProxy.Admission.Sockets;
using Tunneling.Admission;

namespace PrivacyProxy.Admission;

/// <summary>Gives a server a bound on its connections.</summary>
internal static class AdmissionServices
{
    /// <summary>Places of the management listener, which stays open to its few clients whatever comes in at the others: an eighth of all, 4 to 100.</summary>
    public static int ManagementShare(DescriptorBudget budget) => Math.Clamp(budget.Places / 8, 4, 100);

    /// <summary>To be called after UseKestrel: of several transports Kestrel takes the one registered last.</summary>
    /// <param name="services">The server's.</param>
    /// <param name="limits">Asked once, when the server is made.</param>
    public static IServiceCollection AddAdmission(this IServiceCollection services, Func<IServiceProvider, AdmissionLimits> limits)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new ConnectionRegistry(limits(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IConnectionListenerFactory>(static provider => new AdmittingListenerFactory(
            provider.GetRequiredService<ConnectionRegistry>(),
            provider.GetRequiredService<IOptions<SocketTransportOptions>>(),
            provider.GetServices<IMemoryPoolFactory<byte>>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<AdmissionLog>();
        PromptServer.Decorate(services);
        return services;
    }
}
