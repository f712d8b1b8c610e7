namespace PrivacyProxy.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">The full name of the key, such as <c>PrivacyProxy:Tunnels:IdleTimeout</c>.</param>
/// <param name="Value">The value as configured, <c>***</c> for a secret, null when it is missing.</param>
/// <param name="Expected">What is allowed, to be read after "expected".</param>
internal sealed record ConfigurationProblem(string Key, string? Value, string Expected)
{
    public const string Hidden = "***";

    private const int LongestShown = 200;

    /// <summary>True when there is no such key; <see cref="Expected"/> then names those there are.</summary>
    public bool IsUnknownKey { get; private init; }

    /// <summary>A key that does not exist. Its value is not shown: a misspelt key may hold a secret.</summary>
    public static ConfigurationProblem UnknownKey(string key, string section, IEnumerable<string> known) =>
        new(key, Hidden, $"under {section}: {string.Join(", ", known)}") { IsUnknownKey = true };

    /// <summary>The problem in one line, whatever the value holds.</summary>
    public override string ToString()
    {
        if (IsUnknownKey) return $"{Key} is not a known key (its value \"{Hidden}\" is not shown): expected {Expected}";
        return Value is null ? $"{Key} is not set: expected {Expected}" : $"{Key} is \"{OneLine(Value)}\": expected {Expected}";
    }

    private static string OneLine(string value)
    {
        var shown = WithoutSecrets(value);
        if (shown.Length > LongestShown) shown = shown[..LongestShown] + "...";
        return string.Concat(shown.Select(static c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>What stands before the @ of a URL, and after its ?, is a secret where it is there at all; so it is where the scheme was forgotten.</summary>
    private static string WithoutSecrets(string value)
    {
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + 3;
        var end = value.LastIndexOf('@');
        if (end >= start) value = $"{value[..start]}{Hidden}{value[end..]}";
        var query = scheme < 0 ? -1 : value.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? value : $"{value[..(query + 1)]}{Hidden}";
    }
}
