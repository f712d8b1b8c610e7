using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>What was measured.</summary>
/// <param name="Echoes">Datagrams that came back; each passed the proxy twice.</param>
/// <param name="Lost">Datagrams given up, over all tunnels.</param>
/// <param name="Elapsed">How long that took.</param>
/// <param name="Processor">CPU time of the proxy, without the runtime's background compiler; zero without one.</param>
/// <param name="Delays">From when one was sent, or was due, to its echo.</param>
internal sealed record UdpResult(long Echoes, long Lost, TimeSpan Elapsed, TimeSpan Processor, LatencySummary Delays)
{
    /// <summary>Datagrams through the proxy, both directions together.</summary>
    public double DatagramsPerSecond => 2 * Echoes / Elapsed.TotalSeconds;

    public double ProcessorMicrosecondsPerDatagram => Echoes == 0 ? 0 : Processor.TotalMicroseconds / (2 * Echoes);
}
