using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Management;

/// <summary>Whether the proxy can take tunnels now, and what is in the way.</summary>
internal sealed class ProxyReadiness : IProxyGauges
{
    private readonly IssuerKeySet _keys;
    private readonly ISpentTokenStore _store;
    private readonly LiveOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;

    public ProxyReadiness(IssuerKeySet keys, ISpentTokenStore store, LiveOptions options, IHostApplicationLifetime lifetime, ProxyMetrics metrics, TimeProvider time)
    {
        (_keys, _store, _options, _lifetime, _time) = (keys, store, options, lifetime, time);
        metrics.Observe(this);
    }

    public bool IsReady => Missing().Count == 0;

    public IEnumerable<(string Issuer, TimeSpan Left)> KeysLeft =>
        _keys.Current.Ends.Where(static issuer => issuer.End != DateTimeOffset.MaxValue).Select(issuer => (issuer.Issuer, Left(issuer.End)));

    /// <summary>What is not ready, in words; empty when everything is. Names issuers and the store, no clients.</summary>
    public IReadOnlyList<string> Missing()
    {
        List<string> missing = [];
        if (!_lifetime.ApplicationStarted.IsCancellationRequested) missing.Add("starting");
        if (_lifetime.ApplicationStopping.IsCancellationRequested) missing.Add("draining");
        if (!_options.CurrentValue.Authentication.Required) return missing;
        if (_store.NotReady is { } notReady) missing.Add(notReady);
        foreach (var issuer in _keys.Current.Pending) missing.Add($"no keys of issuer {issuer}");
        return missing;
    }

    private TimeSpan Left(DateTimeOffset end) => end - _time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
