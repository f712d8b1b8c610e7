using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>What a run of <c>tunnels</c> found; with two proxies, the first is the one compared with.</summary>
/// <param name="Peers">One proxy, or two.</param>
/// <param name="MetricExports">Exports of metrics that the collector got.</param>
/// <param name="TraceExports">Exports of spans that the collector got.</param>
internal sealed record TunnelsResult(IReadOnlyList<TunnelPeerResult> Peers, int MetricExports, int TraceExports)
{
    /// <summary>Whether rounds are missing.</summary>
    public bool WasStopped { get; init; }

    /// <summary>Of tunnels per CPU second, the share that the second proxy lacks; the median of the rounds' ratios. Null with one proxy.</summary>
    public Spread? Cost => Peers.Count < 2 ? null : Spread.Of(Peers[0].Rounds.Zip(Peers[1].Rounds, static (off, on) => 1 - on.PerProcessorSecond / off.PerProcessorSecond));

    /// <summary>The same from the medians of each proxy. Null with one proxy.</summary>
    public double? CostOfMedians => Peers.Count < 2 ? null : 1 - Peers[1].PerProcessorSecond.Median / Peers[0].PerProcessorSecond.Median;

    public int Failed => Peers.Sum(static peer => peer.Failed);

    public static string NameOf(TelemetryPart part) => part switch
    {
        TelemetryPart.Nothing => "all off too",
        TelemetryPart.Telemetry => "all on",
        _ => $"{part.ToString().ToLowerInvariant()} on",
    };

    /// <summary>Whether a proxy that should have shown signs of its telemetry did not, or the other one did: then nothing was compared. Null when all is well.</summary>
    public string? Void(TelemetryPart? part)
    {
        if (part is not { } wanted || wanted == TelemetryPart.Nothing) return null;
        if (Peers[0].HasMetrics) return "/metrics of the proxy with everything off answers: it is not off.";
        if (wanted != TelemetryPart.Traces && !Peers[1].HasMetrics) return "/metrics of the proxy with metrics on does not answer.";
        if (wanted != TelemetryPart.Telemetry) return null;
        if (MetricExports == 0) return "The collector got no metrics.";
        return TraceExports == 0 ? "The collector got no spans." : null;
    }
}
