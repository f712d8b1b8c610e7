namespace PrivacyProxy.LoadTests.Settings;

/// <summary>What the help says of a key of a scenario's settings.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FlagAttribute(string description) : Attribute
{
    public string Description { get; } = description;

    /// <summary>The flag's name; null: that of the property, as in <c>--warm-up</c>.</summary>
    public string? Name { get; init; }

    /// <summary>What the help says of the default; null: the value itself.</summary>
    public string? Default { get; init; }

    /// <summary>What the flag means with no value after it; null: it needs one, unless it is a bool.</summary>
    public string? Bare { get; init; }
}
