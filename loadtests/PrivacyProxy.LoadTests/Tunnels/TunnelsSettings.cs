using System.ComponentModel.DataAnnotations;
using PrivacyProxy.LoadTests.Settings;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>The options of <c>tunnels</c>.</summary>
internal sealed record TunnelsSettings
{
    /// <summary>Code goes through several tiers, each compiled after a pause in what is called for the first time.</summary>
    public const int WarmUpPasses = 10;

    [Flag("Tunnels in each round."), Range(10, 1_000_000)]
    public int Tunnels { get; init; } = 300;

    [Flag("Rounds. Many short ones in turn see less of a busy machine's drift."), Range(1, 1_000)]
    public int Rounds { get; init; } = 120;

    /// <summary>Of each proxy, in several passes: they compile its code for good.</summary>
    [Flag("Tunnels before the first round."), Range(WarmUpPasses, 1_000_000)]
    public int WarmUp { get; init; } = 20_000;

    [Flag("Tunnels at a time."), Range(1, 10_000)]
    public int Callers { get; init; } = 32;

    [Flag("The longest that a round may take."), Range(1, 600)]
    public double Seconds { get; init; } = 60;

    [Flag("A TLS connection for each tunnel, instead of a cleartext one.")]
    public bool Tls { get; init; }

    [Flag("Pay each tunnel with a token (type 2, issued before), instead of a preshared key.")]
    public bool Tokens { get; init; }

    /// <summary>What the second proxy has and the first has not; null runs one proxy as it is by default.</summary>
    [Flag("Run a second proxy with so much telemetry on, the first with none: telemetry (all), metrics, traces, or nothing (what the method itself sees).")]
    public TelemetryPart? Compare { get; init; }

    public TimeSpan RoundLimit => TimeSpan.FromSeconds(Seconds);

    public TunnelTransport Transport => Tls ? TunnelTransport.Tls : TunnelTransport.Http1;

    public int TunnelsOfAProxy => WarmUp + Tunnels * Rounds;
}
