namespace PrivacyProxy.Configuration;

/// <summary>The configuration cannot be used; the message is one line, fit for standard error.</summary>
internal sealed class InvalidConfigurationException : Exception
{
    /// <param name="problems">At least one; the first is told in full.</param>
    public InvalidConfigurationException(IReadOnlyList<string> problems)
        : base(problems.Count == 1 ? problems[0] : $"{problems[0]} (and {problems.Count - 1} more)") { }

    public InvalidConfigurationException(string key, string? value, string expected)
        : this([new ConfigurationProblem(key, value, expected).ToString()]) { }
}
