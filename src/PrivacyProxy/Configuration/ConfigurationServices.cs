using Microsoft.Extensions.Options;

namespace PrivacyProxy.Configuration;

/// <summary>Registers the options in force.</summary>
internal static class ConfigurationServices
{
    public static IServiceCollection AddProxyOptions(this IServiceCollection services)
    {
        services.AddSingleton<LiveOptions>();
        services.AddSingleton<IOptions<ProxyOptions>>(static provider => provider.GetRequiredService<LiveOptions>());
        services.AddSingleton<IOptionsMonitor<ProxyOptions>>(static provider => provider.GetRequiredService<LiveOptions>());
        services.AddSingleton<ProxyIdentity>();
        services.AddSection(static options => options.Egress);
        services.AddSection(static options => options.Tunnels);
        services.AddSection(static options => options.Drain);
        services.AddSection(static options => options.Telemetry);
        return services;
    }

    /// <summary>Gives a feature its section as <see cref="IOptions{T}"/> and <see cref="IOptionsMonitor{T}"/>; goes before the framework's own binding.</summary>
    private static void AddSection<T>(this IServiceCollection services, Func<ProxyOptions, T> select) where T : class
    {
        services.AddSingleton(provider => new LiveSection<T>(provider.GetRequiredService<LiveOptions>(), select));
        services.AddSingleton<IOptions<T>>(static provider => provider.GetRequiredService<LiveSection<T>>());
        services.AddSingleton<IOptionsMonitor<T>>(static provider => provider.GetRequiredService<LiveSection<T>>());
    }
}
