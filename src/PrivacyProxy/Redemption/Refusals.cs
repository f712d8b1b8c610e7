using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Redemption;

/// <summary>
/// The answers to credentials that are not accepted. All say the same, a challenge, whatever was wrong; only
/// Authentication:ExplainFailures tells clients more.
/// </summary>
internal sealed class Refusals(IssuerKeySet keys, LiveOptions options, ProxyIdentity identity, ProxyMetrics metrics)
{
    private const string RetryAfterSeconds = "2";

    public TunnelAnswer For(RedemptionResult result, TunnelKind kind)
    {
        var details = options.CurrentValue.Authentication.ExplainFailures ? ProxyMetrics.Label(result) : null;
        switch (result)
        {
            case RedemptionResult.Accepted or RedemptionResult.PresharedAccepted:
                throw new ArgumentOutOfRangeException(nameof(result), result, "Not a refusal.");
            case RedemptionResult.StoreUnavailable or RedemptionResult.NotReady:
                return new TunnelAnswer(503, Status(ProxyStatusError.DestinationUnavailable, details),
                    new KeyValuePair<string, string>("Retry-After", RetryAfterSeconds)) { Error = ProxyStatusError.DestinationUnavailable };
            default:
                return Denied(kind, Status(ProxyStatusError.HttpRequestDenied, details));
        }
    }

    private KeyValuePair<string, string> Status(ProxyStatusError error, string? details)
    {
        metrics.Refused(error);
        return ProxyStatus.Field(identity.StatusName, error, details);
    }

    private TunnelAnswer Denied(TunnelKind kind, KeyValuePair<string, string> proxyStatus)
    {
        if (options.CurrentValue.Authentication.FailureStatus == 403) return new TunnelAnswer(403, proxyStatus) { Error = ProxyStatusError.HttpRequestDenied };
        var (status, name) = kind == TunnelKind.Connect ? (407, "Proxy-Authenticate") : (401, "WWW-Authenticate");
        var answer = new TunnelAnswer(status, proxyStatus) { Error = ProxyStatusError.HttpRequestDenied };
        foreach (var field in keys.Current.ChallengeFields) answer.Headers.Add(new(name, field));
        // RFC 9110, section 11.7.1: a 407 has a challenge, even where only preshared keys are taken.
        if (answer.Headers.Count == 1) answer.Headers.Add(new(name, $"{PresharedKeys.Scheme} realm=\"{identity.StatusName}\""));
        return answer;
    }
}
