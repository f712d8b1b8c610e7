using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>One round of one proxy.</summary>
/// <param name="Opened">Tunnels that were opened, used and closed.</param>
/// <param name="Failed">Tunnels that were not: figures of a round with any mean nothing.</param>
/// <param name="Failure">What the first one failed with.</param>
/// <param name="Seconds">Wall-clock time.</param>
/// <param name="ProcessorSeconds">CPU time of the proxy's process, without its compiler's.</param>
/// <param name="CompilerSeconds">CPU time of the runtime's background compiler: it works for the first minutes of a process and then never again.</param>
/// <param name="Answer">From the request to the answer, connection set-up not included; at a rate from when the tunnel was due, so all of it included.</param>
/// <param name="Lateness">At a rate: how late the load sent the requests. Part of <paramref name="Answer"/>.</param>
internal sealed record TunnelRound(int Opened, int Failed, string? Failure, double Seconds, double ProcessorSeconds, double CompilerSeconds, LatencySummary Answer, LatencySummary? Lateness)
{
    public double PerSecond => Opened / Seconds;

    public double PerProcessorSecond => ProcessorSeconds > 0 ? Opened / ProcessorSeconds : 0;
}
