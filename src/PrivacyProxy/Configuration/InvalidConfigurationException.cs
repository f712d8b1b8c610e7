namespace PrivacyProxy.Configuration;

/// <summary>The configuration cannot be used; the message is one line, fit for standard error.</summary>
internal sealed class InvalidConfigurationException : Exception
{
    public InvalidConfigurationException(IReadOnlyList<ConfigurationProblem> problems)
        : base(problems.Count == 1 ? problems[0].ToString() : $"{problems[0]} (and {problems.Count - 1} more)") => Problems = problems;

    public InvalidConfigurationException(string key, string? value, string expected)
        : this([new ConfigurationProblem(key, value, expected)]) { }

    public IReadOnlyList<ConfigurationProblem> Problems { get; }
}
