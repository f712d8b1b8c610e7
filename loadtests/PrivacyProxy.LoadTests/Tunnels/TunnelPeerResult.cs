using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>All rounds of one proxy.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Rounds">In the order they were measured.</param>
/// <param name="PerSecond">Tunnels per second.</param>
/// <param name="PerProcessorSecond">Tunnels per second of the proxy's CPU time.</param>
/// <param name="IdleProcessorShare">Of the time between its rounds, how much CPU time it took: timers, exports, collections.</param>
/// <param name="P50">Median over the rounds of the median time to the answer, in microseconds.</param>
/// <param name="P99">Median over the rounds of the 99th percentile.</param>
/// <param name="HasMetrics">Whether it answers <c>/metrics</c>.</param>
internal sealed record TunnelPeerResult(string Name, IReadOnlyList<TunnelRound> Rounds, Spread PerSecond, Spread PerProcessorSecond, double IdleProcessorShare, double P50, double P99, bool HasMetrics)
{
    /// <summary>Of all CPU time in its rounds, what the compiler took; it is in none of the other figures.</summary>
    public double CompilerShare => Rounds.Sum(static round => round.CompilerSeconds) / Math.Max(1e-3, Rounds.Sum(static round => round.CompilerSeconds + round.ProcessorSeconds));

    public int Failed => Rounds.Sum(static round => round.Failed);

    /// <summary>Whether its CPU time is known.</summary>
    public bool HasProcessorTime { get; init; }

    /// <summary>Of all rounds.</summary>
    [JsonIgnore]
    public LatencyHistogram Latencies { get; init; } = new();

    /// <summary>CPU time of the proxy for a tunnel, in microseconds.</summary>
    public double ProcessorMicroseconds => PerProcessorSecond.Median > 0 ? 1e6 / PerProcessorSecond.Median : 0;

    /// <param name="peer">Its rounds.</param>
    /// <param name="elapsed">From the first round of any proxy to the last.</param>
    /// <param name="processor">Its CPU time in all of it.</param>
    /// <param name="hasMetrics">Whether it answers <c>/metrics</c>.</param>
    public static TunnelPeerResult Of(TunnelPeer peer, TimeSpan elapsed, TimeSpan processor, bool hasMetrics)
    {
        var rounds = peer.Rounds;
        return new(
            peer.Name,
            rounds,
            Spread.Of(rounds.Select(static round => round.PerSecond)),
            Spread.Of(rounds.Select(static round => round.PerProcessorSecond)),
            (processor.TotalSeconds - rounds.Sum(static round => round.ProcessorSeconds + round.CompilerSeconds)) / Math.Max(1e-3, elapsed.TotalSeconds - rounds.Sum(static round => round.Seconds)),
            Spread.Of(rounds.Select(static round => round.Answer.P50)).Median,
            Spread.Of(rounds.Select(static round => round.Answer.P99)).Median,
            hasMetrics)
        {
            HasProcessorTime = peer.HasProcessorTime,
            Latencies = peer.Latencies,
        };
    }
}
