using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyPass;
using PrivacyProxy.Recording;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>The instruments of redemption and of the issuers' keys.</summary>
internal sealed class RedemptionMetrics : IDisposable
{
    private readonly Meter _meter = new(ProxyMeter.Name);
    private readonly Tally _redemptions = Tally.Of("result", RequestLabels.Results);
    private readonly Histogram<double> _verification;
    private readonly IssuerKeySet _keys;
    private readonly TimeProvider _time;

    public RedemptionMetrics(IssuerKeySet keys, TimeProvider time)
    {
        (_keys, _time) = (keys, time);
        _meter.CreateObservableCounter("privacy_proxy_token_redemptions_total", _redemptions.Read, description: "Redemptions by result.");
        _verification = _meter.CreateHistogram("privacy_proxy_token_verification_seconds", "s", "How long signature checks take.", tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [10e-6, 20e-6, 30e-6, 40e-6, 50e-6, 75e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 40e-3, 100e-3],
        });
        _meter.CreateObservableGauge("privacy_proxy_issuer_key_expiry_seconds", KeyExpiry, "s", "Until no key of the issuer is left; absent where its keys have no end.");
    }

    public void Redeemed(RedemptionResult result) => _redemptions.Increment((int)result);

    /// <summary>The signature of a token was checked.</summary>
    public void Verified(TokenType type, TimeSpan elapsed, in ActivityTraceId traceId = default) =>
        ExemplarTrace.Record(_verification, elapsed.TotalSeconds, traceId, new KeyValuePair<string, object?>("token_type", type == TokenType.BlindRsa2048 ? "2" : "1"));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> KeyExpiry()
    {
        var now = _time.GetUtcNow();
        foreach (var issuer in _keys.Current.Ends)
            if (issuer.End != DateTimeOffset.MaxValue)
                yield return new(Math.Max(0, (issuer.End - now).TotalSeconds), new KeyValuePair<string, object?>("issuer", issuer.Issuer));
    }
}
