using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption;

/// <summary>
/// The answers to credentials that are not accepted. All say the same, a challenge, whatever was wrong; only
/// Authentication:ExplainFailures tells clients more.
/// </summary>
internal sealed class Refusals(Demand demand, IOptionsMonitor<AuthenticationOptions> options)
{
    private static readonly KeyValuePair<string, string> _retryAfter = new("Retry-After", "2");

    public Refusal For(RedemptionResult result, TunnelKind kind)
    {
        var details = options.CurrentValue.ExplainFailures ? result.Label() : null;
        return result switch
        {
            RedemptionResult.Accepted or RedemptionResult.PresharedAccepted => throw new ArgumentOutOfRangeException(nameof(result), result, "Not a refusal."),
            RedemptionResult.StoreUnavailable or RedemptionResult.NotReady => new Refusal(ProxyStatusError.DestinationUnavailable) { Details = details, Fields = [_retryAfter] },
            _ => Denied(kind, details),
        };
    }

    private Refusal Denied(TunnelKind kind, string? details)
    {
        var denied = new Refusal(ProxyStatusError.HttpRequestDenied) { Details = details };
        if (options.CurrentValue.FailureStatus == StatusCodes.Status403Forbidden) return denied;
        var (status, name) = kind is TunnelKind.Connect or TunnelKind.Http ? (StatusCodes.Status407ProxyAuthenticationRequired, "Proxy-Authenticate") : (StatusCodes.Status401Unauthorized, "WWW-Authenticate");
        return denied with { Status = status, Fields = [.. demand.Challenges.Select(field => KeyValuePair.Create(name, field))], Text = demand.Text };
    }
}
