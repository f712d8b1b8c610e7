namespace PrivacyProxy.Configuration;

/// <summary>The configuration cannot be used. The message has one line for each problem, fit for standard error.</summary>
internal sealed class InvalidConfigurationException : Exception
{
    /// <param name="problems">At least one.</param>
    public InvalidConfigurationException(IReadOnlyList<ConfigurationProblem> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    public InvalidConfigurationException(string key, string? value, string expected)
        : this([new ConfigurationProblem(key, value, expected)]) { }

    /// <summary>Everything that is wrong, in the order in which the settings were read.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; }
}
