using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Idle;

/// <summary>What a run of <c>idle</c> found.</summary>
/// <param name="Steps">As tunnels were added: the first with none.</param>
/// <param name="Failed">Tunnels that were not opened.</param>
/// <param name="Failure">What the first one failed with.</param>
internal sealed record IdleResult(IReadOnlyList<IdleStep> Steps, int Failed, string? Failure)
{
    private const string Bytes = "memory of an idle tunnel";

    /// <summary>Whether not all were opened before it was stopped.</summary>
    public bool WasStopped { get; init; }

    /// <summary>Growth of the proxy's memory for each tunnel; what the kernel holds is not in it.</summary>
    public double BytesPerTunnel => Steps[^1].Tunnels == 0 ? 0 : (double)(Steps[^1].ResidentBytes - Steps[0].ResidentBytes) / Steps[^1].Tunnels;

    private FailureCount Failures => new("Tunnels", Failed, Failure);

    public Report ToReport(IdleSettings settings)
    {
        Figure[] figures =
        [
            new("tunnels", Steps[^1].Tunnels),
            new(Bytes, BytesPerTunnel, "bytes", Better.Lower),
            new("memory before", Steps[0].ResidentBytes / 1e6, "MB", Better.Lower),
            new("memory after", Steps[^1].ResidentBytes / 1e6, "MB", Better.Lower),
            Failures.Figure,
        ];
        return Report.Of("idle", settings, figures, this) with
        {
            WasStopped = WasStopped,
            Notes = Failures.Notes,
            Limits = Limit.Of(figures, ("--max-bytes", Bytes, settings.MaxBytes), Failures.LimitOf(settings.MaxErrors)),
            Charts = [new Chart("Memory of the proxy, by tunnels open", "MB", [new ChartSeries("resident", [.. Steps.Select(static step => new ChartPoint(step.Tunnels, step.ResidentBytes / 1e6))])]) { Along = "tunnels" }],
        };
    }
}
