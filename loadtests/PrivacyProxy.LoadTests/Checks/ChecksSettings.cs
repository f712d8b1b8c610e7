using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>The options of <c>checks</c>.</summary>
internal sealed record ChecksSettings(SpentTokenStoreKind Store, CheckOperation Operation, int Callers, double Seconds)
{
    /// <summary>Checks per second in open loop; null for closed loop.</summary>
    public double? Rate { get; init; }

    /// <summary>Servers that run already; none starts some.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    public int Replicas { get; init; } = 1;

    public int? Connections { get; init; }

    public string? SqliteFile { get; init; }

    /// <summary>Most checks of a closed loop: bounds the memory of the store.</summary>
    public long MostChecks { get; init; } = 20_000_000;

    /// <summary>The C probe to compare with.</summary>
    public string? Probe { get; init; }

    public int Rounds { get; init; } = 5;
}
