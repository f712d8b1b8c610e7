using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyPass;
using PrivacyPass.SpentTokens;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the memory of spent tokens.</summary>
public static class SpentTokensServiceCollectionExtensions
{
    /// <summary>
    /// Adds the <see cref="ISpentTokenStore"/> that the options ask for: in this process where they say nothing. Its metrics are of the
    /// meter <c>PrivacyPass.SpentTokens</c>. Options that cannot be used end the start of the host.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Says where, such as <c>configuration.GetSection("SpentTokens").Bind</c>.</param>
    public static IServiceCollection AddSpentTokens(this IServiceCollection services, Action<SpentTokenStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<SpentTokenStoreOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SpentTokenStoreOptions>, SpentTokenStoreValidation>());
        services.TryAddSingleton<SpentTokenMeter>();
        // The latest call counts, and goes before what somebody else added as a default.
        services.RemoveAll<ISpentTokenStore>();
        services.AddSingleton(Create);
        return services;
    }

    private static ISpentTokenStore Create(IServiceProvider provider) => SpentTokenStores.Create(
        provider.GetRequiredService<IOptions<SpentTokenStoreOptions>>().Value,
        provider.GetRequiredService<SpentTokenMeter>(),
        // A clock that jumps must not make tokens be forgotten.
        provider.GetService<TimeProvider>() as SteadyTimeProvider ?? new SteadyTimeProvider(provider.GetService<TimeProvider>() ?? TimeProvider.System),
        provider.GetRequiredService<ILogger<ISpentTokenStore>>());
}
