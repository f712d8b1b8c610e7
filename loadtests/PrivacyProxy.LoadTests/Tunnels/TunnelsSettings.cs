namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>The options of <c>tunnels</c>.</summary>
/// <param name="Tunnels">In each round of each proxy.</param>
/// <param name="Rounds">How many rounds are measured, after a warm-up.</param>
/// <param name="Callers">Tunnels at a time.</param>
/// <param name="RoundLimit">The longest that one round may take.</param>
internal sealed record TunnelsSettings(int Tunnels, int Rounds, int Callers, TimeSpan RoundLimit)
{
    /// <summary>Code goes through several tiers, each compiled after a pause in what is called for the first time.</summary>
    public const int WarmUpPasses = 10;

    /// <summary>Tunnels of each proxy before the measuring, in several passes: they compile its code for good.</summary>
    public int WarmUpTunnels { get; init; } = 20_000;

    public TunnelTransport Transport { get; init; } = TunnelTransport.Http1;

    /// <summary>Pays each tunnel with a token of its own, instead of a preshared key.</summary>
    public bool Tokens { get; init; }

    /// <summary>What the second proxy has and the first has not; null runs one proxy as it is by default.</summary>
    public TelemetryPart? Compare { get; init; }

    public int TunnelsOfAProxy => WarmUpTunnels + Tunnels * Rounds;
}
