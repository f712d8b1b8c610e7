using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Watching;

/// <summary>What is known of the proxy: the last change seen, the minute before, and whether it answers.</summary>
internal sealed class TopState(string address)
{
    private readonly Dictionary<string, RecentPeaks> _checkPeaks = new(StringComparer.Ordinal);
    private Scrape? _last;

    /// <summary>The management URL.</summary>
    public string Address { get; } = address;

    /// <summary>The newest figures.</summary>
    public SnapshotChange Change { get; private set; } = new(null, new MetricsSnapshot(new([], 0)), TimeSpan.Zero);

    /// <summary>What /readyz said with them.</summary>
    public Readiness Readiness { get; private set; } = new(null, []);

    /// <summary>When they were taken.</summary>
    public TimeSpan SeenAt { get; private set; }

    /// <summary>How long the proxy has been up at that time; null where it does not say.</summary>
    public TimeSpan? Uptime => _last is { } last && Change.StartedAt is { } startedAt && last.Clock > startedAt ? last.Clock - startedAt : null;

    /// <summary>When a restart was seen last.</summary>
    public TimeSpan? RestartedAt { get; private set; }

    /// <summary>Why the proxy does not answer now; null while it does.</summary>
    public string? Lost { get; private set; }

    /// <summary>The 99th percentiles of a double-spend check, see <see cref="CheckLatencies"/>.</summary>
    public RecentPeaks? Peaks(string check) => _checkPeaks.GetValueOrDefault(check);

    /// <summary>The double-spend checks by operation and store.</summary>
    public Dictionary<string, HistogramCounts> CheckLatencies() => Change.Observed("privacy_proxy_double_spend_check_seconds", "operation", "store");

    public void Seen(Scrape scrape)
    {
        Change = new SnapshotChange(_last?.Metrics, scrape.Metrics, _last is null ? TimeSpan.Zero : scrape.At - _last.At);
        if (Change.IsRestart) RestartedAt = scrape.At;
        if (_last is not null) Remember(_last.At, scrape.At);
        _last = scrape;
        Readiness = scrape.Readiness;
        SeenAt = scrape.At;
        Lost = null;
    }

    /// <summary>The proxy did not answer; the figures stay as they were.</summary>
    public void Missed(string reason) => Lost = reason;

    private void Remember(TimeSpan from, TimeSpan to)
    {
        foreach (var (check, counts) in CheckLatencies())
        {
            if (counts.Quantile(0.99) is not { } p99) continue;
            if (!_checkPeaks.TryGetValue(check, out var peaks)) _checkPeaks[check] = peaks = new RecentPeaks();
            // Beyond the last bound is higher than anything within it.
            peaks.Add(from, to, p99.IsBeyond ? double.PositiveInfinity : p99.Value);
        }
    }
}
