using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Recording;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>The instruments of redemption and of the issuers' keys.</summary>
internal sealed class RedemptionMetrics
{
    private readonly Tally _redemptions = Tally.Of("result", RequestLabels.Results);
    private readonly HistogramSeries _publicVerification;
    private readonly HistogramSeries _privateVerification;

    // Experimental types have series once there are tokens of theirs.
    private readonly ConcurrentDictionary<TokenType, HistogramSeries> _otherVerification = [];
    private readonly Func<TokenType, HistogramSeries> _addVerification;
    private readonly AcceptedKeySet _keys;
    private readonly TimeProvider _time;

    public RedemptionMetrics(AcceptedKeySet keys, TimeProvider time, ProxyMeter meter)
    {
        (_keys, _time) = (keys, time);
        meter.ObservedCounter("privacy_proxy_token_redemptions_total", null, "Redemptions by result.", _redemptions.Read, "result");
        var verification = meter.Histogram(
            "privacy_proxy_token_verification_seconds", "s", "How long signature checks take.",
            [10e-6, 20e-6, 30e-6, 40e-6, 50e-6, 75e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 40e-3, 100e-3], "token_type");
        (_publicVerification, _privateVerification) = (verification.With("2"), verification.With("1"));
        _addVerification = type => verification.With($"{(ushort)type}");
        meter.ObservedGauge("privacy_proxy_issuer_key_expiry_seconds", "s", "Until no key of the issuer is left; absent where its keys have no end.", KeyExpiry, "issuer");
    }

    public void Redeemed(RedemptionResult result) => _redemptions.Increment((int)result);

    /// <summary>The signature of a token was checked.</summary>
    public void Verified(TokenType type, TimeSpan elapsed, in ActivityTraceId traceId = default) =>
        VerificationOf(type).Record(elapsed.TotalSeconds, traceId);

    private HistogramSeries VerificationOf(TokenType type) => type switch
    {
        TokenType.BlindRsa2048 => _publicVerification,
        TokenType.VoprfP384 => _privateVerification,
        _ => _otherVerification.GetOrAdd(type, _addVerification),
    };

    private IEnumerable<Measurement<double>> KeyExpiry()
    {
        var now = _time.GetUtcNow();
        foreach (var issuer in _keys.Current.Ends)
            if (issuer.End != DateTimeOffset.MaxValue)
                yield return new(Math.Max(0, (issuer.End - now).TotalSeconds), new KeyValuePair<string, object?>("issuer", issuer.Issuer));
    }
}
