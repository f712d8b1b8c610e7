namespace PrivacyProxy.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">The full name of the key, such as <c>PrivacyProxy:Tunnels:IdleTimeout</c>.</param>
/// <param name="Value">The value as configured, <c>***</c> for a secret, null when it is missing.</param>
/// <param name="Expected">What is allowed, to be read after "expected".</param>
internal sealed record ConfigurationProblem(string Key, string? Value, string Expected)
{
    public const string Hidden = "***";

    private const int LongestShown = 200;

    /// <summary>The problem in one line, whatever the value holds.</summary>
    public override string ToString() => Value is null
        ? $"{Key} is not set: expected {Expected}"
        : $"{Key} is \"{OneLine(Value)}\": expected {Expected}";

    private static string OneLine(string value)
    {
        var shown = value.Length > LongestShown ? value[..LongestShown] + "..." : value;
        return string.Concat(shown.Select(static c => char.IsControl(c) ? ' ' : c));
    }
}
