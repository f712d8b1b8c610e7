using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Hosting;

/// <summary>Registers the options in force, each feature's section by itself: a feature knows nothing of the root.</summary>
internal static class OptionsServices
{
    public static IServiceCollection AddProxyOptions(this IServiceCollection services)
    {
        services.AddSingleton(static provider => new LiveOptions<ProxyOptions>(
            provider.GetRequiredService<IConfiguration>(), ProxyOptions.Section, provider.GetRequiredService<ILogger<LiveOptions<ProxyOptions>>>()));
        services.AddSingleton<IOptions<ProxyOptions>>(static provider => provider.GetRequiredService<LiveOptions<ProxyOptions>>());
        services.AddSingleton<IOptionsMonitor<ProxyOptions>>(static provider => provider.GetRequiredService<LiveOptions<ProxyOptions>>());
        services.AddSingleton<ProxyIdentity>();
        services.AddSingleton<IProxyIdentity>(static provider => provider.GetRequiredService<ProxyIdentity>());
        services.AddSection(static options => options.Issuers);
        services.AddSection(static options => options.KeyLog);
        services.AddSection(static options => options.Authentication);
        services.AddSection(static options => options.SpentTokens);
        services.AddSection(static options => options.Egress);
        services.AddSection(static options => options.Forwarding);
        services.AddSection(static options => options.Tunnels);
        services.AddSection(static options => options.Rates);
        services.AddSection(static options => options.Listeners);
        services.AddSection(static options => options.Discovery);
        services.AddSection(static options => options.Tls);
        services.AddSection(static options => options.Drain);
        services.AddSection<Recording.RecordingOptions>(static options => options.Telemetry);
        services.AddSection(static options => options.Telemetry.Metrics);
        services.AddSection(static options => options.Telemetry.Otlp);
        return services;
    }

    /// <summary>Gives a feature its section as <see cref="IOptions{T}"/> and <see cref="IOptionsMonitor{T}"/>; goes before the framework's own binding.</summary>
    private static void AddSection<T>(this IServiceCollection services, Func<ProxyOptions, T> select) where T : class
    {
        services.AddSingleton(provider => new LiveSection<ProxyOptions, T>(provider.GetRequiredService<LiveOptions<ProxyOptions>>(), select));
        services.AddSingleton<IOptions<T>>(static provider => provider.GetRequiredService<LiveSection<ProxyOptions, T>>());
        services.AddSingleton<IOptionsMonitor<T>>(static provider => provider.GetRequiredService<LiveSection<ProxyOptions, T>>());
    }
}
