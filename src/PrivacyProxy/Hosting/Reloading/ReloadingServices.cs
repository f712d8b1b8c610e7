using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting.Systemd;

namespace PrivacyProxy.Hosting.Reloading;

/// <summary>Registers reading again.</summary>
internal static class ReloadingServices
{
    /// <typeparam name="TPlan">What the program reads again.</typeparam>
    public static IServiceCollection AddReloading<TPlan>(this IServiceCollection services, LiveConfiguration configuration) where TPlan : class, IReloadPlan
    {
        services.AddSingleton(configuration);
        services.AddSingleton<ServiceNotice>();
        services.AddSingleton<IReloadPlan, TPlan>();
        services.AddSingleton<ReloadCount>();
        services.AddSingleton<Reloader>();
        services.AddHostedService(static provider => provider.GetRequiredService<Reloader>());
        return services;
    }
}
