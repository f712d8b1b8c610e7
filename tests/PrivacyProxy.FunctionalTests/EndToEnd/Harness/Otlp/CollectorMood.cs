namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

/// <summary>What a collector does with an export.</summary>
internal enum CollectorMood
{
    /// <summary>Takes it.</summary>
    Accepting,

    /// <summary>Keeps it and never answers.</summary>
    Hanging,

    /// <summary>Says that the key is wrong, and repeats it.</summary>
    Refusing,
}
