using Microsoft.Extensions.Options;

namespace PrivacyProxy.Exporting.Logs;

/// <summary>
/// Keeps the framework's lines, which can name hosts and paths, at their level unless the framework itself was asked for:
/// a level for all categories of one provider (<c>Logging:Console:LogLevel:Default</c>) would go before every rule without a provider.
/// </summary>
internal sealed class FrameworkLogLevels : IPostConfigureOptions<LoggerFilterOptions>
{
    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        foreach (var rule in options.Rules.ToArray())
        {
            if (rule.ProviderName is not { } provider || !string.IsNullOrEmpty(rule.CategoryName)) continue;
            // The last rule of a category counts.
            foreach (var general in options.Rules.Where(static rule => rule is { ProviderName: null, CategoryName.Length: > 0 }).Reverse().ToArray())
                if (!options.Rules.Any(own => own.ProviderName == provider && own.CategoryName == general.CategoryName))
                    options.Rules.Add(new LoggerFilterRule(provider, general.CategoryName, general.LogLevel, general.Filter));
        }
    }
}
