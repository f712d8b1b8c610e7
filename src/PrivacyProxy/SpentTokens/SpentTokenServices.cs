using Microsoft.Extensions.Options;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;
using PrivacyProxy.Configuration;
using Tunneling.Loops;

namespace PrivacyProxy.SpentTokens;

/// <summary>Registers the store that the configuration asks for.</summary>
internal static class SpentTokenServices
{
    private const string SqliteFile = $"PrivacyProxy:SpentTokens:{nameof(SpentTokenOptions.Sqlite)}:{nameof(SqliteSpentTokenOptions.File)}";

    public static IServiceCollection AddSpentTokenStore(this IServiceCollection services)
    {
        services.AddSingleton<SpentTokenMetrics>();
        services.AddSingleton(static provider => Create(provider, provider.GetRequiredService<IOptions<SpentTokenOptions>>().Value));
        return services;
    }

    /// <exception cref="InvalidConfigurationException">The file cannot be used.</exception>
    private static ISpentTokenStore Create(IServiceProvider provider, SpentTokenOptions options)
    {
        try
        {
            return SpentTokenStores.Create(
                options,
                provider.GetRequiredService<SpentTokenMetrics>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>().CreateLogger($"{typeof(SpentTokenServices).Namespace}.{options.Store}"),
                provider.GetService<ILoopSource>()?.Loops.Select(static loop => new TunnelCheckLoop(loop)).ToArray());
        }
        catch (SpentTokenFileException exception)
        {
            throw new InvalidConfigurationException(SqliteFile, options.Sqlite.File, $"{SpentTokenFileException.Expected} ({exception.Reason})");
        }
    }
}
