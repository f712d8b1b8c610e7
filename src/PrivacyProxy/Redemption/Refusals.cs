using Microsoft.Extensions.Options;
using PrivacyProxy.Redemption.Certificates;
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
            RedemptionResult.Accepted or RedemptionResult.PresharedAccepted or RedemptionResult.CertificateAccepted => throw new ArgumentOutOfRangeException(nameof(result), result, "Not a refusal."),
            RedemptionResult.StoreUnavailable or RedemptionResult.NotReady => new Refusal(ProxyStatusError.DestinationUnavailable) { Details = details, Fields = [_retryAfter] },
            _ => Denied(kind, details),
        };
    }

    private Refusal Denied(TunnelKind kind, string? details)
    {
        var denied = new Refusal(ProxyStatusError.HttpRequestDenied) { Details = details };
        if (options.CurrentValue.FailureStatus == StatusCodes.Status403Forbidden) return denied;
        // There is no challenge for what only another connection can bring.
        if (options.CurrentValue.ClientCertificates.Use == ClientCertificateUse.Required) return denied with { Text = demand.Text };
        var (status, name) = kind is TunnelKind.Connect or TunnelKind.Http ? (StatusCodes.Status407ProxyAuthenticationRequired, "Proxy-Authenticate") : (StatusCodes.Status401Unauthorized, "WWW-Authenticate");
        return denied with { Status = status, Fields = [.. demand.Challenges.Select(field => KeyValuePair.Create(name, field))], Text = demand.Text };
    }
}
